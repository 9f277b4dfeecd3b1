package org.uiospark.data.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.uiospark.data.listing.InputListing;
import org.uiospark.data.settings.Cutting;
import org.uiospark.data.settings.Objective;
import org.uiospark.data.settings.PrepSettings;
import org.uiospark.data.settings.RecordFields;
import org.uiospark.data.settings.Repeats;
import org.uiospark.data.settings.TextReading;
import org.uiospark.model.input.InvalidInputException;

/** Names beyond the letters of the locale: in JVMs that were started as cron starts them. */
@Tag("cluster")
class LocalNamesTest {
  private static final String SAYS = "LC_ALL=C.UTF-8";

  @TempDir Path folder;

  @Test
  void whatTheJvmCannotNameIsAnErrorAndNotLeftOut() throws Exception {
    // By a shell: this JVM may not hold the name either.
    run(
        "sh",
        "-c",
        "printf text > \"$0/plain.txt\"; printf text > \"$0/caf$(printf '\\303\\251').txt\"; printf x > \"$0/.h$(printf '\\303\\251').txt\"",
        folder.toString());
    assertThat(list("C.UTF-8", folder.toString(), "/tmp/out")).contains("2 files");
    assertThat(list("POSIX", folder.toString(), "/tmp/out")).contains(SAYS, "caf");
    assertThat(list("POSIX", folder + "/*.txt", "/tmp/out")).contains(SAYS, "caf");
    assertThat(list("POSIX", folder + "/p*.txt", "/tmp/out")).contains("1 files");
    assertThat(list("POSIX", folder + "/plain.txt", "/tmp/out")).contains("1 files");
    // The shell of a user gives UTF-8 whatever the locale says.
    assertThat(list("POSIX", folder + "/caf\u00e9.txt", "/tmp/out")).contains(SAYS);
    assertThat(list("POSIX", folder + "/plain.txt", "/tmp/o\u00e9")).contains(SAYS);
    assertThat(list("POSIX", folder + "/plain.txt", "file:///tmp/o%C3%A9")).contains(SAYS);
    assertThat(list("C.UTF-8", folder + "/caf\u00e9.txt", "/tmp/o\u00e9")).contains("1 files");
  }

  @Test
  void aNameThatIsNoUtf8IsAnError() throws Exception {
    run("sh", "-c", "printf text > \"$0/caf$(printf '\\351').txt\"", folder.toString());
    assertThat(list("C.UTF-8", folder.toString(), "/tmp/out")).contains("not UTF-8", "rename it");
  }

  @Test
  void escapesOfUrisAreDecodedAndThoseOfPathsAreNone() throws IOException {
    Files.createDirectories(folder.resolve("a b"));
    Files.writeString(folder.resolve("a b/x.txt"), "text");
    Files.createDirectories(folder.resolve("a%20b"));
    Files.writeString(folder.resolve("a%20b/y.txt"), "text");
    String uri = folder.toUri() + "a%20b";
    assertThat(InputFile.path(uri).toString()).endsWith("/a b");
    assertThat(InputFile.path(folder + "/a%20b").toString()).endsWith("/a%20b");
    assertThat(InputFile.path(InputFile.name(InputFile.path(uri.replace("%", "%25")))).toString())
        .endsWith("/a%20b");
    assertThat(InputFile.path("file:///a+b/100%").toString()).isEqualTo("file:/a+b/100%");
    assertThat(new InputFile(uri + "/x.txt", new Configuration()).exists()).isTrue();
    assertThat(new InputFile(uri + "/none", new Configuration()).sibling("x.txt").exists())
        .isTrue();
    assertThatThrownBy(() -> InputFile.path("file:///tmp/%E9"))
        .isInstanceOf(InvalidInputException.class);
  }

  private static String list(String locale, String input, String output) throws Exception {
    List<String> command = new ArrayList<>();
    command.add("env");
    command.addAll(List.of("-u", "LANG", "LC_ALL=" + locale));
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), Listing.class.getName()));
    command.addAll(List.of(input, output));
    return run(command.toArray(String[]::new));
  }

  private static String run(String... command) throws Exception {
    // The names go through a script, whose bytes no locale changes.
    Path script = Files.createTempFile("names", ".sh");
    Path log = Files.createTempFile("names", ".log");
    StringBuilder line = new StringBuilder("exec");
    Arrays.stream(command)
        .forEach(word -> line.append(" '").append(word.replace("'", "'\\''")).append('\''));
    Files.writeString(script, line);
    Process process =
        new ProcessBuilder("sh", script.toString())
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .start();
    assertThat(process.waitFor(120, TimeUnit.SECONDS)).isTrue();
    String said = Files.readString(log);
    Files.delete(script);
    Files.delete(log);
    return said;
  }

  /** Lists an input and prints what was found, or the refusal. */
  static final class Listing {
    private Listing() {}

    public static void main(String[] arguments) throws IOException {
      PrepSettings settings =
          new PrepSettings(
              List.of(arguments[0]),
              arguments[1],
              "tokenizer.json",
              Objective.LM,
              new Cutting(16, 4, 1, 0),
              new TextReading(RecordFields.ofText("text"), 0.001),
              Repeats.KEPT,
              1_000_000,
              0);
      try {
        System.out.println(InputListing.of(settings, new Configuration()).count() + " files");
      } catch (InvalidInputException e) {
        System.out.println("refused: " + e.getMessage());
      }
    }
  }
}
