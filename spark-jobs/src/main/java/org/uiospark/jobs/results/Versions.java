package org.uiospark.jobs.results;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.Objects;
import java.util.Properties;
import java.util.TreeMap;

/** The versions of the software that made a figure or an adapter. */
public final class Versions {
  private static final String PROPERTIES = "/pytorch-engine.properties";

  private Versions() {}

  /** Versions of this program, Java, Spark, DJL and libtorch by name. */
  public static Map<String, String> with(String sparkVersion) {
    Map<String, String> versions = new TreeMap<>();
    String own = Versions.class.getPackage().getImplementationVersion();
    versions.put("uio-spark", Objects.requireNonNullElse(own, "unpackaged"));
    versions.put("java", System.getProperty("java.version"));
    versions.put("spark", sparkVersion);
    versions.putAll(engine());
    return versions;
  }

  /** Reads them from DJL's own properties, so that the driver need not load libtorch. */
  private static Map<String, String> engine() {
    Properties properties = new Properties();
    try (InputStream in = Versions.class.getResourceAsStream(PROPERTIES)) {
      if (in != null) {
        properties.load(in);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return Map.of(
        "djl", properties.getProperty("djl_version", "unknown"),
        "libtorch", properties.getProperty("pytorch_version", "unknown"));
  }
}
