/**
 * What a file system refuses, told to the user. An exception comes in, of the driver or of a task;
 * a line goes out that says what could not be done, why and what to do, where the user can mend it.
 *
 * <p>May use: {@code jobs.task}.
 */
package org.uiospark.jobs.failure;
