/**
 * Text to tokens and back, with the tokenizer that belongs to the base model. A {@code
 * tokenizer.json} and text come in; token ids go out, the same whether a text is encoded whole or
 * piece by piece.
 *
 * <p>May use: {@code model.input}.
 */
package org.uiospark.model.text;
