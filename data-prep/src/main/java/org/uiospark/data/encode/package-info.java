/**
 * Text and chats to tokens and labels, cut to sequences. Records and pieces of tokens come in, one
 * document after the other; sequences go out. Chat templates are those of the tokenizer.
 *
 * <p>May use no other room.
 */
package org.uiospark.data.encode;
