package org.uiospark.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.function.Supplier;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a user of one locale makes is a user of any other's to go on with. */
@Tag("cluster")
class EveryLocaleTest extends CommandInput {
  @ParameterizedTest
  @ValueSource(strings = {"ar-EG", "fa-IR", "hi-IN-u-nu-deva", "tr-TR"})
  void whatIsMadeInOneLocaleIsReadInAnother(String tag) throws IOException {
    Locale here = Locale.forLanguageTag(tag);
    String book = Files.readString(BOOK);
    Path text = Files.writeString(folder.resolve("a.txt"), book.substring(2000, 6000));
    Path more = Files.writeString(folder.resolve("b.txt"), book.substring(6000, 9000));
    Path data = folder.resolve("data");
    Path run = folder.resolve("run");
    Path exported = folder.resolve("exported");
    output = data;
    done(here, () -> prep(text));
    done(Locale.ROOT, () -> prep(more));
    done(here, () -> prep(text));
    output = run;
    done(here, () -> train(model, data, "--steps", 1, "--checkpoint-every", 1));
    done(Locale.ROOT, () -> train(model, data, "--steps", 2, "--resume"));
    done(here, () -> train(model, data, "--steps", 3, "--resume"));
    assertThat(run.resolve("checkpoints/step-3/MANIFEST.json")).exists();
    output = exported;
    done(here, () -> export(run));
    CommandRun there = done(Locale.ROOT, () -> generate(model, exported));
    assertThat(done(here, () -> generate(model, exported)).out()).isEqualTo(there.out());

    try (var files = Files.walk(folder)) {
      assertThat(files.map(Path::toString)).allMatch(name -> name.matches("\\p{ASCII}*"));
    }
  }

  private static CommandRun done(Locale locale, Supplier<CommandRun> command) {
    Locale before = Locale.getDefault();
    try {
      Locale.setDefault(locale);
      CommandRun run = command.get();
      assertThat(run.status()).as(run.err()).isZero();
      return run;
    } finally {
      Locale.setDefault(before);
    }
  }
}
