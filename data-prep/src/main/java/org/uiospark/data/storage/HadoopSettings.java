package org.uiospark.data.storage;

import java.io.Serializable;
import java.util.HashMap;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;

/** A Hadoop configuration on its way to an executor. */
public record HadoopSettings(HashMap<String, String> values) implements Serializable {
  /** All values of a configuration. */
  public static HadoopSettings of(Configuration configuration) {
    HashMap<String, String> values = new HashMap<>();
    for (Map.Entry<String, String> entry : configuration) {
      values.put(entry.getKey(), entry.getValue());
    }
    return new HadoopSettings(values);
  }

  /** The configuration of values, with no defaults beside them. */
  public static Configuration configuration(Map<String, String> values) {
    Configuration configuration = new Configuration(false);
    values.forEach(configuration::set);
    return configuration;
  }

  /** The configuration again. */
  public Configuration configuration() {
    return configuration(values);
  }

  /** Leaves out the values: some are credentials, and Spark prints what it cannot send. */
  @Override
  public String toString() {
    return "HadoopSettings";
  }
}
