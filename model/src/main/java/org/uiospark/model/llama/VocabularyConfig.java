package org.uiospark.model.llama;

import java.util.List;
import java.util.Locale;
import org.uiospark.model.input.InvalidInputException;

/**
 * The tokens that a decoder reads and predicts.
 *
 * @param size rows of the embedding
 * @param tied whether the LM head is the embedding
 * @param bosTokenId begin-of-sequence token, -1 if there is none
 * @param eosTokenIds end-of-sequence tokens; the first closes documents
 */
public record VocabularyConfig(int size, boolean tied, int bosTokenId, List<Integer> eosTokenIds) {

  /** Checks the size and every token; the message names the key of {@code config.json}. */
  public VocabularyConfig {
    LlamaConfig.positive("vocab_size", size);
    eosTokenIds = List.copyOf(eosTokenIds);
    if (eosTokenIds.isEmpty()) {
      throw new InvalidInputException("eos_token_id is missing; it closes documents");
    }
    for (int id : eosTokenIds) {
      if (id < 0 || id >= size) {
        throw new InvalidInputException(
            "eos_token_id " + id + " is outside the vocabulary of " + size);
      }
    }
    if (bosTokenId < -1 || bosTokenId >= size) {
      throw new InvalidInputException(
          String.format(
              Locale.ROOT, "bos_token_id %d is outside the vocabulary of %d", bosTokenId, size));
    }
  }
}
