package org.uiospark.jobs.train;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.Properties;

/** Versions of DJL and libtorch, from DJL's own properties: the driver need not load libtorch. */
final class EngineVersions {
  private static final String PROPERTIES = "/pytorch-engine.properties";

  private EngineVersions() {}

  static Map<String, String> all() {
    Properties properties = new Properties();
    try (InputStream in = EngineVersions.class.getResourceAsStream(PROPERTIES)) {
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
