package org.uiospark.data.prep;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.uiospark.data.settings.Cutting;
import org.uiospark.data.settings.Duplicates;
import org.uiospark.data.settings.Objective;
import org.uiospark.data.settings.PrepSettings;
import org.uiospark.data.settings.RecordFields;
import org.uiospark.data.settings.Repeats;
import org.uiospark.data.settings.TextReading;
import org.uiospark.data.summary.PrepSummary;
import org.uiospark.data.summary.RecordLedger;

/** Every record that was read is kept, there already, or left out with its reason. */
class RecordLedgerTest extends PrepFixture {
  private static final String MALFORMED = "malformed line";
  private static final String SHORT = "shorter than 2 segments";

  @Test
  void everyRecordIsInOneColumn() throws IOException {
    String text = words(0, 200);
    Files.write(
        path("a.jsonl"),
        List.of(
            line(text),
            line(text),
            line(text.replace("w7 ", "w7, ") + "!"),
            line("Short."),
            "{broken",
            "[]",
            line(words(1000, 1200))));
    Files.writeString(path("b.txt"), words(2000, 2200));

    PrepSummary first = prepare(settings());
    assertThat(first.ledger())
        .isEqualTo(
            new RecordLedger(
                8,
                3,
                0,
                Map.of(
                    "duplicate of another text",
                    1L,
                    "near duplicate of another text",
                    1L,
                    SHORT,
                    1L,
                    MALFORMED,
                    2L)));
    assertThat(first.text())
        .contains(
            "records: 8 = 3 kept + 0 there already + 1 duplicate of another text + 2 malformed line"
                + " + 1 near duplicate of another text + 1 shorter than 2 segments");

    PrepSummary second = prepare(settings());
    assertThat(second.ledger()).isEqualTo(new RecordLedger(8, 0, 6, Map.of(MALFORMED, 2L)));
  }

  private static String words(int from, int to) {
    return IntStream.range(from, to).mapToObj(i -> "w" + i).collect(Collectors.joining(" "));
  }

  private static String line(String text) {
    return "{\"text\": \"" + text + "\"}";
  }

  private PrepSettings settings() {
    return new PrepSettings(
        List.of(input.toString()),
        out("out"),
        tokenizer.toString(),
        Objective.LM,
        new Cutting(16, 4, 2, 0),
        new TextReading(RecordFields.ofText("text"), 0.001),
        new Repeats(Duplicates.DROP, 0.8),
        1 << 20,
        0.5);
  }
}
