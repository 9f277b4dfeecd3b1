/**
 * Files that others wrote, read without trust: bounded, strict, and inside their folder. Bytes of a
 * file or stream come in; JSON trees, text and hashes that are safe to follow go out, or an {@code
 * InvalidInputException} of one line.
 *
 * <p>It uses no other package of the project.
 */
package org.uiospark.model.input;
