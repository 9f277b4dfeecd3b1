package org.uiospark.jobs;

import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A JVM that a test starts, and may kill, with the classes and the options of its own. */
public final class ChildJvm {
  /** For JVMs that live for seconds. */
  public static final List<String> SHORT_LIVED =
      List.of("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1");

  private ChildJvm() {}

  /** The command up to the class path; more options and the main class come behind it. */
  public static List<String> command(String heap) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(options());
    command.addAll(SHORT_LIVED);
    command.add("-Xmx" + heap);
    command.add("-Dlog4j2.configurationFile=../conf/log4j2.properties");
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    return command;
  }

  /** What this JVM was told of modules, of DJL and of the locale. */
  public static List<String> options() {
    return ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
        .filter(option -> option.matches("(-Dai\\.djl|-Duser\\.|--add-opens).*"))
        .toList();
  }
}
