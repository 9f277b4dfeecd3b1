package org.uiospark.jobs.tracking;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.uiospark.data.storage.OutputFolder;
import org.uiospark.jobs.tracking.EventReader.Event;

class TensorBoardLogTest {
  @TempDir Path folder;

  private TensorBoardLog open(long firstStep) throws IOException {
    return new TensorBoardLog(OutputFolder.of(folder.toString(), new Configuration()), firstStep);
  }

  private List<Path> files() throws IOException {
    try (var files = Files.list(folder.resolve("tensorboard"))) {
      return files.sorted().toList();
    }
  }

  @Test
  void figuresAreReadBackAsTheyWereWritten() throws IOException {
    TensorBoardLog log = open(1);
    log.step(1, Map.of("loss", 4.25));
    log.step(300, Map.of("loss", 1e-3, "held_out_loss", 3.5));

    List<Event> events = EventReader.read(files().get(0));
    log.end(Outcome.FINISHED);

    assertThat(files().get(0).getFileName().toString()).startsWith("events.out.tfevents.");
    assertThat(events.get(0).version()).isEqualTo("brain.Event:2");
    assertThat(events.subList(2, 4)).extracting(Event::step).containsExactly(1L, 300L);
    assertThat(events.get(2).scalars()).isEqualTo(Map.of("loss", 4.25f));
    assertThat(events.get(3).scalars()).isEqualTo(Map.of("loss", 1e-3f, "held_out_loss", 3.5f));
    assertThat(events.get(3).wallTime()).isGreaterThan(1.7e9);
  }

  @Test
  void aRunThatGoesOnBeginsAFileThatSaysFromWhere() throws IOException {
    open(1).end(Outcome.KILLED);
    TensorBoardLog log = open(4);
    log.step(4, Map.of("loss", 1.0));
    log.end(Outcome.FINISHED);

    assertThat(files()).hasSize(2);
    Event start = EventReader.read(files().get(1)).get(1);
    assertThat(start.sessionStatus()).isEqualTo(1);
    assertThat(start.step()).isEqualTo(4);
  }
}
