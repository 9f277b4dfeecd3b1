/**
 * The options of the commands. The settings of a section come in; options that the command line
 * knows go out, and the values that were typed.
 *
 * <p>May use: {@code jobs.settings}.
 */
package org.uiospark.jobs.options;
