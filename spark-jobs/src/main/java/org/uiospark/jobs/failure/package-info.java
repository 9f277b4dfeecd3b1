/**
 * What went wrong, told to the user. An exception comes in, of the driver or of a task; an exit
 * status goes out, and a line that says what could not be done, why and what to do, where the user
 * can mend it. {@code FileTrouble} is what a file system refuses.
 *
 * <p>May use: {@code jobs.settings}, {@code jobs.task}, {@code model.input}, {@code model.segment}.
 */
package org.uiospark.jobs.failure;
