package org.uiospark.data.dataset;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.uiospark.data.settings.Cutting;
import org.uiospark.data.settings.Objective;
import org.uiospark.model.text.TokenizerIdentity;

/**
 * How text became the sequences of a data set; it is the same for every run that adds to one.
 *
 * @param objective what the sequences are for
 * @param cutting how documents became sequences
 * @param tokenizer which the text went through
 * @param vocabularySize of the tokenizer
 * @param chatTemplateSha256 of the template that messages went through; empty without one
 */
public record Recipe(
    Objective objective,
    Cutting cutting,
    TokenizerIdentity tokenizer,
    int vocabularySize,
    String chatTemplateSha256)
    implements Serializable {
  /** What another recipe would change, each as {@code name old, now new}. */
  public List<String> changes(Recipe now) {
    List<String> changes = new ArrayList<>();
    Cutting was = cutting;
    Cutting is = now.cutting;
    change(changes, "objective", objective.key(), now.objective.key());
    change(changes, "segment-length", was.segmentLength(), is.segmentLength());
    change(changes, "max-segments", was.maxSegments(), is.maxSegments());
    change(changes, "min-segments", was.minSegments(), is.minSegments());
    change(changes, "eos-token-id", was.eosTokenId(), is.eosTokenId());
    if (!tokenizer.isSame(now.tokenizer)) {
      change(changes, "tokenizer sha256", tokenizer.sha256(), now.tokenizer.sha256());
    }
    change(changes, "chat template sha256", chatTemplateSha256, now.chatTemplateSha256);
    return changes;
  }

  private static void change(List<String> changes, String name, Object was, Object now) {
    if (!was.equals(now)) {
      changes.add(String.format(Locale.ROOT, "%s %s, now %s", name, was, now));
    }
  }

  /** What of it goes into the fingerprint of a data set. */
  String fingerprinted() {
    return String.format(
        Locale.ROOT,
        "%s %d %d %d %s %s",
        objective.key(),
        cutting.segmentLength(),
        cutting.maxSegments(),
        cutting.minSegments(),
        tokenizer.sha256(),
        chatTemplateSha256);
  }
}
