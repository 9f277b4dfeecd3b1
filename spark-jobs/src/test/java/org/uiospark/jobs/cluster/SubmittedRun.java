package org.uiospark.jobs.cluster;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.spark.deploy.SparkSubmit;
import org.apache.spark.launcher.JavaModuleOptions;

/**
 * A command as {@code submit.sh} submits it to a standalone cluster of {@code cluster start}, on
 * the class path of this JVM instead of the assembly: what is measured is what users get.
 *
 * @param project the folder of submit.sh
 * @param folder for {@code conf/spark-defaults.conf} and Spark's own files
 */
record SubmittedRun(Path project, Path folder) {
  /** In submit.sh: {@code engine="..."}, and what is added to it. */
  private static final Pattern ENGINE = Pattern.compile("^engine\\+?=\"(.*)\"$", Pattern.MULTILINE);

  /** In submit.sh: the variables of the allocator, a line each. */
  private static final Pattern ALLOCATOR =
      Pattern.compile("^  \\[(MALLOC_\\w+)]=(\\d+)$", Pattern.MULTILINE);

  private static final Pattern JVM = Pattern.compile("^jvm=(.+)$", Pattern.MULTILINE);

  /** The folder of submit.sh: benchmarks are started there, tests in a module. */
  static Path here() {
    Path here = Path.of("").toAbsolutePath();
    return Files.exists(here.resolve("submit.sh")) ? here : here.getParent();
  }

  /**
   * Writes {@code conf/spark-defaults.conf} as {@code cluster start} does, secret and all, for a
   * master at another address.
   */
  Path writeDefaults(String address, int port) throws IOException {
    ClusterDefaults defaults = new ClusterDefaults(folder);
    defaults.write(new ClusterSettings(folder, 1, 1, 0, 0, port), project);
    Properties properties = new Properties();
    try (var reader = Files.newBufferedReader(defaults.file())) {
      properties.load(reader);
    }
    properties.setProperty("spark.master", "spark://" + address + ":" + port);
    properties.setProperty("spark.driver.host", address);
    properties.setProperty("spark.driver.bindAddress", address);
    try (var writer = Files.newBufferedWriter(defaults.file())) {
      properties.store(writer, null);
    }
    return defaults.file();
  }

  /** What the processes of Spark need in their environment. */
  Map<String, String> environment(String address) throws IOException {
    Map<String, String> environment = new TreeMap<>(allocator());
    // Only its empty folder of jars is looked at: executors get the class path of this JVM.
    Files.createDirectories(folder.resolve("spark/jars"));
    environment.put("SPARK_HOME", folder.resolve("spark").toString());
    environment.put("SPARK_SCALA_VERSION", "2.13");
    environment.put("SPARK_LOCAL_IP", address);
    environment.put("SPARK_LOCAL_DIRS", folder.resolve("local").toString());
    environment.put("SPARK_CONF_DIR", folder.resolve("conf").toString());
    return environment;
  }

  /** The JVM of a master or worker. */
  static List<String> daemon(Class<?> main, Path defaults) {
    List<String> command = jvm();
    command.addAll(List.of("-Xmx512m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"));
    command.addAll(List.of("-cp", classPath(), main.getName()));
    command.addAll(List.of("--properties-file", defaults.toString()));
    return command;
  }

  /**
   * The JVM of the driver.
   *
   * @param settings of Spark on top of the profile and of spark-defaults.conf
   * @param command of UIO with its options
   */
  List<String> driver(
      String master, String heap, Map<String, String> settings, List<String> command)
      throws IOException {
    List<String> driver = jvm();
    String engine = engine();
    driver.addAll(List.of(engine.split(" ")));
    driver.add("-Xmx" + heap);
    driver.add("-Dlog4j2.configurationFile=" + project.resolve("conf/log4j2.properties"));
    driver.addAll(List.of("-cp", classPath(), SparkSubmit.class.getName()));
    driver.addAll(List.of("--class", "org.uiospark.jobs.Main", "--master", master));
    driver.add("--properties-file");
    driver.add(project.resolve("conf/profiles/standalone.conf").toString());
    driver.add("--load-spark-defaults");
    Map<String, String> all = new TreeMap<>();
    all.put("spark.executor.extraJavaOptions", engine);
    all.put("spark.executor.extraClassPath", classPath());
    allocator().forEach((name, value) -> all.put("spark.executorEnv." + name, value));
    all.putAll(settings);
    all.forEach((key, value) -> driver.addAll(List.of("--conf", key + "=" + value)));
    driver.add("spark-internal");
    driver.addAll(command);
    return driver;
  }

  private static List<String> jvm() {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of(JavaModuleOptions.defaultModuleOptionArray()));
    // Only Spark's MLlib wants that module, and the JVM warns of it.
    command.remove("--add-modules=jdk.incubator.vector");
    return command;
  }

  /** Executors work elsewhere: what is relative here would be nothing there. */
  private static String classPath() {
    return Stream.of(System.getProperty("java.class.path").split(":"))
        .map(entry -> Path.of(entry).toAbsolutePath().toString())
        .collect(Collectors.joining(":"));
  }

  private String engine() throws IOException {
    String script = Files.readString(project.resolve("submit.sh"));
    String jvm = JVM.matcher(script).results().findFirst().orElseThrow().group(1);
    return ENGINE
        .matcher(script)
        .results()
        .map(found -> found.group(1).strip().replace("$jvm", jvm))
        .collect(Collectors.joining(" "));
  }

  private Map<String, String> allocator() throws IOException {
    return ALLOCATOR
        .matcher(Files.readString(project.resolve("submit.sh")))
        .results()
        .collect(Collectors.toMap(found -> found.group(1), found -> found.group(2)));
  }
}
