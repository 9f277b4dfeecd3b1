/**
 * What every command does with its options. The settings of a section come in; options that the
 * command line knows go out, and the values that were typed. {@code ConfiguredCommand} and {@code
 * SparkCommand} are what commands are made of.
 *
 * <p>May use: {@code jobs.device}, {@code jobs.settings}, {@code jobs.task}, {@code model.input}.
 */
package org.uiospark.jobs.options;
