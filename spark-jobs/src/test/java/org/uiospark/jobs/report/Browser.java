package org.uiospark.jobs.report;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * A headless Chromium of this machine.
 *
 * @param program its executable
 * @param profile folder for what it keeps
 */
record Browser(Path program, Path profile) {
  private static final List<String> NAMES =
      List.of("chromium", "chromium-browser", "google-chrome", "google-chrome-stable");

  /** What a page became, and what was said of it on its console. */
  record Loaded(String dom, String log) {
    List<String> console() {
      return log.lines().filter(line -> line.contains("CONSOLE")).toList();
    }
  }

  /** The scheme that a page is asked to keep to, by its number in Blink. */
  enum Scheme {
    DARK,
    LIGHT
  }

  static Optional<Path> onThePath() {
    return NAMES.stream()
        .flatMap(
            name ->
                Stream.of(System.getenv("PATH").split(":"))
                    .map(path -> Path.of(path).resolve(name)))
        .filter(Files::isExecutable)
        .findFirst();
  }

  /** The document after its scripts. */
  Loaded open(Path page, Scheme scheme) throws IOException, InterruptedException {
    Path dom = profile.resolve("dom");
    String log = run(scheme, page, dom, List.of("--virtual-time-budget=5000", "--dump-dom"));
    return new Loaded(Files.readString(dom), log);
  }

  /** How it looks, as PNG. */
  void photograph(Path page, Scheme scheme, int width, int height, Path png)
      throws IOException, InterruptedException {
    run(
        scheme,
        page,
        profile.resolve("none"),
        List.of("--screenshot=" + png, "--window-size=" + width + "," + height));
  }

  private String run(Scheme scheme, Path page, Path out, List<String> options)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(program.toString());
    // Containers run as root, and have a small /dev/shm.
    command.addAll(List.of("--headless", "--no-sandbox", "--disable-dev-shm-usage"));
    command.addAll(List.of("--disable-gpu", "--hide-scrollbars", "--enable-logging=stderr"));
    command.add("--user-data-dir=" + profile.resolve("data"));
    command.add("--blink-settings=preferredColorScheme=" + scheme.ordinal());
    command.addAll(options);
    command.add(page.toUri().toString());
    Path log = profile.resolve("log");
    Process process =
        new ProcessBuilder(command)
            .redirectOutput(out.toFile())
            .redirectError(log.toFile())
            .start();
    if (!process.waitFor(4, TimeUnit.MINUTES)) {
      process.destroyForcibly();
      throw new IOException("the browser does not end: " + Files.readString(log));
    }
    if (process.exitValue() != 0) {
      throw new IOException("the browser failed: " + Files.readString(log));
    }
    return Files.readString(log);
  }
}
