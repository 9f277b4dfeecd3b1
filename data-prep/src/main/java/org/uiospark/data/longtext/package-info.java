/**
 * One text that is too long for one task: it is cut into parts, whose tokens go into files, and of
 * these come the sequences of the whole text, which many tasks write at once. A slice comes in; the
 * tokens of the sequences of each part go out.
 *
 * <p>May use: {@code data.source}, {@code data.storage}, {@code model.input}, {@code model.text}.
 */
package org.uiospark.data.longtext;
