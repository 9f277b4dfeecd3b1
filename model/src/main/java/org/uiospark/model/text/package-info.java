/**
 * Text to tokens and back, with the tokenizer that belongs to the base model. A {@code
 * tokenizer.json} and text come in; token ids go out, the same whether a text is encoded whole or
 * piece by piece.
 *
 * <p>It uses {@code input} alone.
 */
package org.uiospark.model.text;
