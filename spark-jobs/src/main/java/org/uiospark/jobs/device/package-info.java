/**
 * Chooses the device that a task or a command computes on. What Spark lends, or what this machine
 * has, comes in; the device as CUDA numbers it in this process goes out.
 *
 * <p>May use: {@code model.input}.
 */
package org.uiospark.jobs.device;
