/** What is submitted: the commands and their options. */
package org.uiospark.jobs;
