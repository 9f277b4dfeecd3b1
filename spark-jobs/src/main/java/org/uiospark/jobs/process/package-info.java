/** Processes of this machine. */
package org.uiospark.jobs.process;
