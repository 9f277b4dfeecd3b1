package org.uiospark.jobs.cluster;

import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;

/**
 * {@code conf/spark-defaults.conf} of a cluster: what its daemons run with and what applications
 * are submitted with. Only this user can read it, for the secret is in it.
 *
 * @param folder of the cluster
 */
record ClusterDefaults(Path folder) {
  private static final String MASTER_URL = "spark.master";
  private static final String MASTER_PAGE = "spark.master.ui.port";

  /** The folder to name as SPARK_CONF_DIR. */
  Path directory() {
    return folder.resolve("conf");
  }

  /** The file itself. */
  Path file() {
    return directory().resolve("spark-defaults.conf");
  }

  /** Where the file says that the master is. */
  ClusterAddress address() {
    Properties properties = new Properties();
    try (var reader = Files.newBufferedReader(file())) {
      properties.load(reader);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return address(properties);
  }

  private static ClusterAddress address(Properties properties) {
    return new ClusterAddress(
        properties.getProperty(MASTER_URL), Integer.parseInt(properties.getProperty(MASTER_PAGE)));
  }

  /**
   * Writes the file anew, with a secret of its own and free ports.
   *
   * @param project the folder of submit.sh
   * @return where the master will be
   */
  ClusterAddress write(ClusterSettings settings, Path project) throws IOException {
    byte[] secret = new byte[32];
    new SecureRandom().nextBytes(secret);
    Map<String, String> values = new TreeMap<>();
    values.put(
        MASTER_URL,
        String.format(
            Locale.ROOT,
            "spark://%s:%d",
            ClusterAddress.HOST,
            settings.port() == 0 ? freePort() : settings.port()));
    values.put(MASTER_PAGE, Integer.toString(freePort()));
    values.put("spark.driver.host", ClusterAddress.HOST);
    values.put("spark.driver.bindAddress", ClusterAddress.HOST);
    // The server for submissions by REST knows no authentication.
    values.put("spark.master.rest.enabled", "false");
    values.put("spark.authenticate", "true");
    values.put("spark.authenticate.secret", HexFormat.of().formatHex(secret));
    values.put("spark.network.crypto.enabled", "true");
    values.put("spark.io.encryption.enabled", "true");
    // The assembly is copied to every executor of every application.
    values.put("spark.worker.cleanup.enabled", "true");
    values.put("spark.worker.cleanup.appDataTtl", "86400");
    if (settings.gpus() > 0) {
      values.put("spark.worker.resource.gpu.amount", Integer.toString(settings.gpus()));
      values.put(
          "spark.worker.resource.gpu.discoveryScript",
          project.resolve("conf/gpu-discovery.sh").toAbsolutePath().toString());
    }
    Properties properties = new Properties();
    properties.putAll(values);
    StringWriter text = new StringWriter();
    properties.store(text, "The standalone cluster of ./submit.sh cluster start");
    Files.createDirectories(directory());
    Path fresh = Files.createTempFile(directory(), "spark-defaults", ".new");
    Files.setPosixFilePermissions(fresh, PosixFilePermissions.fromString("rw-------"));
    Files.writeString(fresh, text.toString());
    Files.move(fresh, file(), StandardCopyOption.REPLACE_EXISTING);
    return address(properties);
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getByName(ClusterAddress.HOST))) {
      return socket.getLocalPort();
    }
  }
}
