package org.uiospark.jobs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.SparkConf;
import org.apache.spark.internal.config.ConfigEntry;
import org.apache.spark.internal.config.ConfigEntry$;
import org.apache.spark.internal.config.ConfigReader;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Every key of the profiles is one that Spark, or Hadoop, of this version knows under that name,
 * and its value is one that it takes: a key that nobody reads is a promise that nobody keeps.
 */
class ProfileSettingsTest {
  /** Names that Spark builds, from "configuration" and "running-on-kubernetes" of its pages. */
  private static final List<Pattern> FAMILIES =
      List.of(
          Pattern.compile(
              "spark\\.(driver|executor|task)\\.resource\\.\\w+\\.(amount|discoveryScript|vendor)"),
          Pattern.compile("spark\\.executorEnv\\.\\w+"),
          Pattern.compile(
              "spark\\.kubernetes\\.executor\\.volumes\\.emptyDir\\.[\\w-]+\\.mount\\.path"));

  private static final String HADOOP = "spark.hadoop.";

  /** What the classes that read them say of them; an entry is known when its class is loaded. */
  @BeforeAll
  static void load() throws Exception {
    for (String object : List.of("package", "Network", "UI", "Deploy")) {
      Class.forName("org.apache.spark.internal.config." + object + "$");
    }
    Class.forName("org.apache.spark.deploy.k8s.Config$");
    // With its first line Spark sets up the log anew.
    new SparkConf(false).set("spark.blacklist.enabled", "true");
  }

  @ParameterizedTest
  @ValueSource(strings = {"local", "standalone", "yarn", "kubernetes"})
  void everyKeyIsKnownAndItsValueFits(String profile) throws Exception {
    Map<String, String> settings = read(profile);
    ConfigReader reader = new ConfigReader(settings);
    Configuration hadoop = new Configuration();
    assertThat(settings).isNotEmpty();
    settings.forEach(
        (key, value) -> {
          if (key.startsWith(HADOOP)) {
            String name = key.substring(HADOOP.length());
            assertThat(hadoop.get(name)).as("%s of Hadoop's defaults", name).isNotNull();
            assertThat(Configuration.isDeprecated(name)).as(name).isFalse();
          } else if (!key.startsWith("spark.uio.")
              && FAMILIES.stream().noneMatch(family -> family.matcher(key).matches())) {
            ConfigEntry<?> entry = ConfigEntry$.MODULE$.findEntry(key);
            assertThat(entry).as("%s is a setting of Spark", key).isNotNull();
            assertThatCode(() -> entry.readFrom(reader)).as(key).doesNotThrowAnyException();
          }
        });
  }

  @ParameterizedTest
  @ValueSource(strings = {"local", "standalone", "yarn", "kubernetes"})
  void noKeyIsAnOldName(String profile) throws Exception {
    try (RecordedLog said = RecordedLog.of(SparkConf.class)) {
      SparkConf conf = new SparkConf(false);
      read(profile).forEach(conf::set);
      assertThat(said.lines()).isEmpty();
      // It does say so of one.
      conf.set("spark.blacklist.enabled", "true");
      assertThat(said.lines()).hasSize(1);
    }
  }

  private static Map<String, String> read(String profile) throws Exception {
    Properties properties = new Properties();
    try (Reader reader = Files.newBufferedReader(Path.of("../conf/profiles", profile + ".conf"))) {
      properties.load(reader);
    }
    Map<String, String> settings = new TreeMap<>();
    properties.forEach((key, value) -> settings.put(key.toString(), value.toString().strip()));
    return settings;
  }
}
