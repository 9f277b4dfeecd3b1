package org.uiospark.data.prep;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.uiospark.data.settings.Cutting;
import org.uiospark.data.settings.Objective;
import org.uiospark.data.settings.PrepSettings;
import org.uiospark.data.settings.RecordFields;
import org.uiospark.data.settings.Repeats;
import org.uiospark.data.settings.TextReading;
import org.uiospark.data.source.Slice;
import org.uiospark.model.text.TextTokenizer;

@Tag("cluster")
class LargeLineTest {
  private static final int WORDS = 6_000_000;

  @TempDir Path folder;

  @Test
  void aLineSmallerThanTheHeapOnlyInPiecesIsPrepared() throws Exception {
    Path text = folder.resolve("book.txt");
    try (Writer out = Files.newBufferedWriter(text)) {
      for (int i = 0; i < WORDS; i++) {
        out.write("whale sea ");
      }
    }
    Path tokenizer = folder.resolve("tokenizer.json");
    Files.write(tokenizer, PrepFixture.resource("/tiny-llama/tokenizer.json"));
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-Xmx48m", "-XX:MaxDirectMemorySize=64m", "-Dai.djl.offline=true"));
    command.add("--add-opens=java.base/java.nio=ALL-UNNAMED");
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    command.addAll(
        List.of(Prepare.class.getName(), text.toString(), tokenizer.toString(), folder + "/out"));
    Path log = folder.resolve("log");
    Process process =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile()).start();
    assertThat(process.waitFor(120, TimeUnit.SECONDS)).isTrue();
    assertThat(process.exitValue()).as(Files.readString(log)).isZero();
    assertThat(Files.readString(log)).contains("documents 1");
  }

  /** One shard in a JVM of its own, with a heap smaller than the 60 MB line. */
  static final class Prepare {
    private Prepare() {}

    public static void main(String[] arguments) throws IOException {
      Path text = Path.of(arguments[0]);
      PrepSettings settings =
          new PrepSettings(
              List.of(arguments[0]),
              arguments[2],
              arguments[1],
              Objective.LM,
              new Cutting(128, 16, 1, 0),
              new TextReading(RecordFields.ofText("text"), 0.001),
              Repeats.KEPT,
              2_000_000,
              0.01);
      Slice slice = new Slice(arguments[0], 0, Files.size(text), 0);
      try (TextTokenizer tokenizer = TextTokenizer.load(Path.of(arguments[1]))) {
        ShardResult result =
            new ShardTask(
                    new Encoding(settings, tokenizer, Optional.empty()),
                    arguments[2],
                    new Configuration())
                .run(
                    new Shard(0, new ArrayList<>(List.of(new Shard.Part(0, slice)))),
                    Map.of(),
                    Map.of());
        System.out.println("documents " + result.documents + " tokens " + result.tokens);
      }
    }
  }
}
