/** The whole path on the embedded model and books. */
package org.uiospark.jobs.quickstart;
