/**
 * The settings of a run: {@code conf/uio.conf} states each of them once, with its help, what it may
 * be and its default. What the command line and the {@code --conf} file say comes in, checked
 * values go out, one by one through {@link org.uiospark.jobs.settings.Settings} or together in a
 * record that several rooms take.
 *
 * <p>May use: {@code data.storage}, {@code model.adapter}, {@code model.estimator}, {@code
 * model.gradient}, {@code model.input}, {@code model.kernel}, {@code model.llama}, {@code
 * model.segment}.
 */
package org.uiospark.jobs.settings;
