/**
 * Holds what the tasks of a JVM share. References to base model, adapter and data set come in, as
 * the driver sends them; models and data sets that are loaded once, on the device that Spark lends,
 * go out.
 *
 * <p>May use no other room.
 */
package org.uiospark.jobs.task;
