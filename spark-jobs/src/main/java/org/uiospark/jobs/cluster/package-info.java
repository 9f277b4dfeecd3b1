/**
 * Runs a standalone Spark cluster on this machine. How many workers, and what each lends, comes in;
 * running processes and the settings to submit with go out.
 *
 * <p>May use: {@code jobs.process}, {@code jobs.settings}, {@code model.input}.
 */
package org.uiospark.jobs.cluster;
