package org.uiospark.jobs;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.Reader;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;
import org.apache.hadoop.fs.FileSystem;
import org.apache.logging.log4j.Level;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.core.LoggerContext;
import org.apache.logging.log4j.core.appender.OutputStreamAppender;
import org.apache.logging.log4j.core.layout.PatternLayout;
import org.uiospark.jobs.options.ConfiguredCommand;

/**
 * An S3 server, and this JVM set up as submit.sh does it for a user who has credentials for all its
 * buckets but {@value #LOCKED}.
 */
final class S3Environment {
  static final String LOCKED = "locked";

  private final Map<String, String> properties = new TreeMap<>();
  private final Map<String, String> before = new TreeMap<>();
  private final ByteArrayOutputStream said = new ByteArrayOutputStream();
  private final Path folder;
  private final S3Server server;
  private final Locale formats = Locale.getDefault(Locale.Category.FORMAT);

  /**
   * Starts the server.
   *
   * @param folder for what the commands keep on this machine
   * @param seed which requests are spoilt follows from it
   */
  S3Environment(Path folder, long seed) throws Exception {
    this.folder = folder;
    this.server = new S3Server(seed);
    server.createBucket(LOCKED);
    Locale.setDefault(Locale.Category.FORMAT, Locale.ENGLISH);
    settings();
    properties.forEach(
        (key, value) -> {
          before.put(key, System.getProperty(key));
          System.setProperty(key, value);
        });
    keepLog();
  }

  private void settings() throws IOException {
    // As submit.sh hands them over, with what is local to this server.
    Properties profile = new Properties();
    try (Reader reader = Files.newBufferedReader(Path.of("../conf/profiles/local.conf"))) {
      profile.load(reader);
    }
    profile.forEach((key, value) -> properties.put(key.toString(), value.toString()));
    properties.put("spark.master", "local[2]");
    // The native libraries stay where they are, the models that are copied come here.
    properties.put("DJL_CACHE_DIR", Path.of(System.getProperty("user.home"), ".djl.ai").toString());
    properties.put("user.home", folder.resolve("home").toString());
    hadoop("endpoint", server.endpoint());
    hadoop("endpoint.region", "us-east-1");
    hadoop("path.style.access", "true");
    hadoop("access.key", S3Server.KEY);
    hadoop("secret.key", S3Server.SECRET);
    hadoop("bucket." + LOCKED + ".secret.key", "another" + S3Server.SECRET);
    hadoop("buffer.dir", folder.resolve("buffers").toString());
    // The least that S3 allows: a few megabytes are an upload in parts.
    hadoop("multipart.size", "5M");
    // A test does not wait as long.
    hadoop("retry.interval", "20ms");
    hadoop("retry.throttle.interval", "20ms");
  }

  private void hadoop(String key, String value) {
    properties.put("spark.hadoop.fs.s3a." + key, value);
  }

  private void keepLog() {
    LoggerContext context = (LoggerContext) LogManager.getContext(false);
    // As submit.sh logs: the default of log4j would keep all but errors to itself.
    context.setConfigLocation(Path.of("../conf/log4j2.properties").toAbsolutePath().toUri());
    OutputStreamAppender log =
        OutputStreamAppender.createAppender(
            PatternLayout.newBuilder().withPattern("%p %c %m%n%ex").build(),
            null,
            said,
            "said",
            false,
            true);
    log.start();
    context.getConfiguration().getRootLogger().addAppender(log, Level.ALL, null);
  }

  S3Server server() {
    return server;
  }

  /** All that was logged. */
  String said() {
    return said.toString(UTF_8);
  }

  /** As the commands see a bucket. */
  static FileSystem files(String uri) throws IOException {
    return FileSystem.get(URI.create(uri), ConfiguredCommand.hadoop());
  }

  /** Stops the server; the JVM is as before. */
  void stop() throws Exception {
    LoggerContext context = (LoggerContext) LogManager.getContext(false);
    context.setConfigLocation(null);
    FileSystem.closeAll();
    before.forEach(
        (key, value) -> {
          if (value == null) {
            System.clearProperty(key);
          } else {
            System.setProperty(key, value);
          }
        });
    Locale.setDefault(Locale.Category.FORMAT, formats);
    server.stop();
  }
}
