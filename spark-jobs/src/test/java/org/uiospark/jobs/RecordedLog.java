package org.uiospark.jobs;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.apache.logging.log4j.Level;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.core.LogEvent;
import org.apache.logging.log4j.core.Logger;
import org.apache.logging.log4j.core.appender.AbstractAppender;
import org.apache.logging.log4j.core.config.Configurator;
import org.apache.logging.log4j.core.config.Property;

/** What a class writes to its log. */
public final class RecordedLog extends AbstractAppender implements AutoCloseable {
  private final List<String> lines = new CopyOnWriteArrayList<>();
  private final Logger logger;

  private RecordedLog(Logger logger) {
    super("recorded", null, null, true, Property.EMPTY_ARRAY);
    this.logger = logger;
  }

  /** Records until it is closed. */
  public static RecordedLog of(Class<?> type) {
    return of(type, Level.WARN);
  }

  /** Records what is at least as grave as a level until it is closed. */
  public static RecordedLog of(Class<?> type, Level level) {
    // Whatever other tests left log4j with.
    Configurator.setLevel(type.getName(), level);
    RecordedLog log = new RecordedLog((Logger) LogManager.getLogger(type));
    log.start();
    log.logger.addAppender(log);
    return log;
  }

  /** The messages. */
  public List<String> lines() {
    return lines;
  }

  @Override
  public void append(LogEvent event) {
    lines.add(event.getMessage().getFormattedMessage());
  }

  @Override
  public void close() {
    logger.removeAppender(this);
    stop();
  }
}
