package org.uiospark.jobs.recall;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * How variables get a value, and how they are asked for; see {@link Wording}.
 *
 * @param said a variable gets a number
 * @param copied a variable gets what another one has
 * @param asked question and answer
 */
record Binding(String said, String copied, String asked) {

  /** Sentences by which the first variable gets a value, and each other one that of the last. */
  List<String> chain(List<String> variables, String value) {
    List<String> chain = new ArrayList<>();
    chain.add(Wording.filled(said, Map.of("x", variables.get(0), "v", value)));
    for (int i = 1; i < variables.size(); i++) {
      chain.add(Wording.filled(copied, Map.of("x", variables.get(i), "y", variables.get(i - 1))));
    }
    return chain;
  }

  String question(String value) {
    return Wording.question(asked, Map.of("v", value));
  }
}
