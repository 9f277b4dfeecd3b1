package org.uiospark.jobs.task;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import org.apache.hadoop.conf.Configuration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.uiospark.data.dataset.SequenceDataSet;
import org.uiospark.model.input.InputJson;
import org.uiospark.model.input.InvalidInputException;
import org.uiospark.model.input.Sha256;
import org.uiospark.model.llama.LlamaConfig;
import org.uiospark.model.serve.ServingFiles;
import org.uiospark.model.text.TokenizerIdentity;

/**
 * The data sets that fit a base model: those whose ids mean the same text to it.
 *
 * @param folder files of the base model
 * @param model its shape
 */
public record FittingData(ModelFolder folder, LlamaConfig model) {
  private static final Logger LOG = LoggerFactory.getLogger(FittingData.class);

  /**
   * Opens a data set.
   *
   * @throws InvalidInputException if it is none, is empty, or was prepared with another tokenizer
   */
  public SequenceDataSet open(String uri, Configuration configuration) {
    SequenceDataSet data = SequenceDataSet.open(uri, configuration);
    if (data.size() == 0) {
      throw new InvalidInputException(
          String.format(
              Locale.ROOT,
              "data set %s holds no sequence; give prep more text or lower --min-segments",
              uri));
    }
    if (data.vocabularySize() > model.vocabSize()) {
      throw new InvalidInputException(
          String.format(
              Locale.ROOT,
              "data set %s has a tokenizer of %d tokens, model %s a vocabulary of %d; prepare it with the tokenizer of the model",
              uri,
              data.vocabularySize(),
              folder.name(),
              model.vocabSize()));
    }
    requireTokenizer(uri, data.description().tokenizer());
    return data;
  }

  /** Two of the same size may give every id another meaning. */
  private void requireTokenizer(String uri, TokenizerIdentity used) {
    Path file = folder.path().resolve(ServingFiles.TOKENIZER);
    if (!used.isKnown()) {
      LOG.warn("Data set {} does not say with which tokenizer it was prepared", uri);
    } else if (!Files.exists(file)) {
      LOG.warn(
          "{} has no {}, so whether data set {} was prepared with it is not known",
          folder.name(),
          ServingFiles.TOKENIZER,
          uri);
    } else {
      byte[] json = InputJson.bytes(file);
      // A large vocabulary is taken apart only where the bytes differ.
      if (!Sha256.hex(json).equals(used.sha256())
          && !TokenizerIdentity.of(json, file.toString()).isSame(used)) {
        throw new InvalidInputException(
            String.format(
                Locale.ROOT,
                "data set %s was prepared with another tokenizer (SHA-256 %s) than %s (%s), so its ids mean other text; prepare it with the latter, or name the model that it was prepared for",
                uri,
                used.sha256(),
                file,
                Sha256.hex(json)));
      }
    }
  }
}
