/**
 * Files that others wrote, read without trust: bounded, strict, and inside their folder. Bytes of a
 * file or stream come in; JSON trees, text and hashes that are safe to follow go out, or an {@code
 * InvalidInputException} of one line; what only this machine cannot read becomes a {@code
 * NodeFailureException}.
 *
 * <p>May use no other room.
 */
package org.uiospark.model.input;
