/**
 * Text and chats to tokens and labels, cut to sequences. Records and pieces of tokens come in, one
 * document after the other; sequences go out. Chat templates are those of the tokenizer.
 *
 * <p>May use: {@code data.jinja}, {@code data.jinja.builtin}, {@code data.jinja.value}, {@code
 * data.settings}, {@code data.storage}, {@code model.input}, {@code model.segment}, {@code
 * model.text}.
 */
package org.uiospark.data.encode;
