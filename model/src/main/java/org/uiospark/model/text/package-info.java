/** Text to tokens and back, with the tokenizer that belongs to the base model. */
package org.uiospark.model.text;
