package org.uiospark.jobs.cluster;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.jar.JarOutputStream;
import java.util.stream.Stream;

/**
 * The real {@code submit.sh} with the real profiles, over the class path of this JVM: the modules
 * of this project are its assembly, all else its embedded Spark.
 *
 * @param project the folder of submit.sh
 */
record EmbeddedSubmit(Path project) {
  private static final String ASSEMBLY = "uio-spark-assembly.jar";

  /** Makes a project that needs no build. */
  static EmbeddedSubmit in(Path project) throws IOException {
    Files.createDirectories(project.resolve("model/src/main"));
    Files.createFile(project.resolve("pom.xml"));
    Files.createFile(project.resolve("model/pom.xml"));
    Path conf = Files.createDirectories(project.resolve("conf/profiles")).getParent();
    Path here = SubmittedRun.here();
    Files.copy(here.resolve("submit.sh"), project.resolve("submit.sh"));
    for (String name : List.of("uio.conf", "log4j2.properties", "profiles/kubernetes.conf")) {
      Files.copy(here.resolve("conf").resolve(name), conf.resolve(name));
    }
    EmbeddedSubmit submit = new EmbeddedSubmit(project);
    Files.createDirectories(submit.sparkJars());
    try (JarOutputStream assembly =
        new JarOutputStream(Files.newOutputStream(submit.dist().resolve(ASSEMBLY)))) {
      Set<String> written = new HashSet<>();
      for (String entry : System.getProperty("java.class.path").split(":")) {
        Path path = Path.of(entry).toAbsolutePath();
        if (isOurs(path)) {
          pack(path, assembly, written);
        } else if (Files.isRegularFile(path)) {
          Files.createSymbolicLink(submit.sparkJars().resolve(path.getFileName()), path);
        }
      }
    }
    // Last: it is newer than every source.
    Files.writeString(submit.dist().resolve("built"), "cpu\n");
    return submit;
  }

  private Path dist() {
    return project.resolve("spark-jobs/target/dist");
  }

  /** The jars of Spark, as an image of Spark has them. */
  Path sparkJars() {
    return dist().resolve("spark/jars");
  }

  /** The modules of this project, and nothing of its tests. */
  private static boolean isOurs(Path path) {
    return path.endsWith("target/classes")
        || path.getFileName().toString().matches("(model|data-prep|spark-jobs)-[0-9.]+\\.jar");
  }

  private static void pack(Path from, JarOutputStream into, Set<String> written)
      throws IOException {
    if (Files.isRegularFile(from)) {
      try (JarFile jar = new JarFile(from.toFile())) {
        for (JarEntry entry : jar.stream().toList()) {
          if (!entry.isDirectory() && written.add(entry.getName())) {
            into.putNextEntry(new JarEntry(entry.getName()));
            jar.getInputStream(entry).transferTo(into);
          }
        }
      }
      return;
    }
    try (Stream<Path> files = Files.walk(from)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        String name = from.relativize(file).toString();
        if (written.add(name)) {
          into.putNextEntry(new JarEntry(name));
          Files.copy(file, into);
        }
      }
    }
  }

  /** Starts it where this JVM works; both streams go to the log. */
  Process start(Map<String, String> environment, Path log, List<String> words) throws IOException {
    List<String> command = new ArrayList<>(List.of(project.resolve("submit.sh").toString()));
    command.addAll(words);
    ProcessBuilder builder =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile());
    builder.environment().keySet().removeIf(name -> name.matches("(SPARK|HADOOP|AWS|UIO)_.*"));
    builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
    builder.environment().putAll(environment);
    return builder.start();
  }
}
