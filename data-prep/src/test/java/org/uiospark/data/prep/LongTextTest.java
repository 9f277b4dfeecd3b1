package org.uiospark.data.prep;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.uiospark.data.dataset.SequenceDataSet;
import org.uiospark.data.settings.Cutting;
import org.uiospark.data.settings.PrepSettings;
import org.uiospark.data.summary.PrepSummary;
import org.uiospark.model.input.InvalidInputException;
import org.uiospark.model.segment.TokenSequence;

/**
 * One text of more than 8 MB is read by many tasks, and the data set is the one of a single task,
 * which reads it where it is packed.
 */
class LongTextTest extends PrepFixture {
  private static final Cutting CUTTING = new Cutting(64, 16, 2, 0);
  private static final int COPIES = 43;

  @Test
  void aLongTextGivesTheSequencesOfOneTask() throws Exception {
    write(
        "a.txt",
        "It is a truth universally acknowledged. ".repeat(99).getBytes(StandardCharsets.UTF_8));
    Path text = path("long.txt");
    try (OutputStream out = Files.newOutputStream(text)) {
      write(out);
      // Malformed, and counted.
      out.write(0xff);
    }
    write("z.txt", "Call me Ishmael. ".repeat(99).getBytes(StandardCharsets.UTF_8));
    PrepSummary summary = prepare(settings("parts", CUTTING, 1 << 20, input.toString()));

    Path packed = Files.createDirectory(folder.resolve("packed"));
    for (String name : List.of("a.txt", "long.txt", "z.txt")) {
      try (OutputStream out =
          new GZIPOutputStream(Files.newOutputStream(packed.resolve(name + ".gz")))) {
        Files.copy(path(name), out);
      }
    }
    PrepSummary serial = prepare(settings("serial", CUTTING, 1 << 20, packed.toString()));
    assertThat(files("serial")).isEqualTo(3);
    assertThat(files("parts")).isGreaterThan(5);
    assertSameRows(open("parts"), open("serial"));
    assertThat(summary.tokens()).isEqualTo(serial.tokens());
    assertThat(summary.sequences()).isEqualTo(serial.sequences());
    assertThat(summary.documents()).isEqualTo(3);
    assertThat(summary.rejected()).isEqualTo(serial.rejected());
    assertThat(summary.sources().replaced()).containsValue(1L).hasSize(1);
    assertThat(folder.resolve("parts")).isDirectoryNotContaining("glob:**_uncommitted*");

    PrepSummary again = prepare(settings("parts", CUTTING, 1 << 20, input.toString()));
    assertThat(again.skipped()).isEqualTo(3);
    assertThat(again.documents()).isZero();
  }

  @Test
  void aLongTextThatIsNoTextIsRefused() throws Exception {
    try (OutputStream out = Files.newOutputStream(path("long.txt"))) {
      write(out);
      out.write(
          new String(new char[400_000])
              .replace('\0', '\u00e9')
              .getBytes(StandardCharsets.ISO_8859_1));
    }
    PrepSettings settings = settings("out", CUTTING, 1 << 20, path("long.txt").toString());
    assertThatThrownBy(() -> prepare(settings))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("long.txt is no text in UTF-8")
        .hasMessageContaining("400000");
  }

  /** 9 MB, no two chapters of which are in the same place of a sequence. */
  private static void write(OutputStream out) throws IOException {
    String book = book();
    for (int i = 0; i < COPIES; i++) {
      out.write(
          ("Chapter " + i + ", d\u00e9j\u00e0 vu\u3002\n" + book).getBytes(StandardCharsets.UTF_8));
    }
  }

  private long files(String output) throws IOException {
    try (var files = Files.list(folder.resolve(output))) {
      return files.filter(file -> file.toString().endsWith(".arrow")).count();
    }
  }

  private static void assertSameRows(SequenceDataSet parts, SequenceDataSet serial) {
    assertThat(parts.size()).isEqualTo(serial.size());
    for (long i = 0; i < serial.size(); i++) {
      TokenSequence expected = serial.sequence(i);
      TokenSequence row = parts.sequence(i);
      assertThat(row.docId() + ".gz").isEqualTo(expected.docId());
      assertThat(row.offset()).isEqualTo(expected.offset());
      assertThat(row.inputIds()).as("row %d", i).isEqualTo(expected.inputIds());
    }
  }
}
