/**
 * Goes the whole way on the embedded model and books. Nothing comes in; what the other commands
 * give goes out.
 *
 * <p>May use: {@code data.prep}, {@code data.settings}, {@code data.storage}, {@code data.summary},
 * {@code jobs.evaluate}, {@code jobs.export}, {@code jobs.generate}, {@code jobs.prep}, {@code
 * jobs.recall}, {@code jobs.settings}, {@code jobs.train}.
 */
package org.uiospark.jobs.quickstart;
