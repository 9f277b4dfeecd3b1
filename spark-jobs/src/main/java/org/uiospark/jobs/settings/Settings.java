package org.uiospark.jobs.settings;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigResolveOptions;
import com.typesafe.config.ConfigValue;
import com.typesafe.config.ConfigValueType;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Supplier;
import org.uiospark.jobs.settings.Allowed.Otherwise;
import org.uiospark.model.input.InvalidInputException;

/**
 * All settings of one run, under the keys of {@code conf/uio.conf}.
 *
 * <p>An option of the command line wins over the {@code --conf} file, which wins over the default.
 * A value is checked where it is read, against what {@code conf/uio.conf} allows; the message names
 * the key, the value and what is allowed.
 */
public final class Settings {
  private final Config values;

  private Settings(Config values) {
    this.values = values;
  }

  /** The defaults alone. */
  public static Settings defaults() {
    return of(null, Map.of());
  }

  /**
   * The settings of a run.
   *
   * @param file configuration file, or null for none
   * @param options values of the command line by key; numbers, strings or lists of them
   * @throws InvalidInputException if the file cannot be read, or holds a key that does not exist
   */
  public static Settings of(Path file, Map<String, Object> options) {
    Config given = file == null ? ConfigFactory.empty() : ConfFile.read(file);
    Config merged =
        ConfigFactory.parseMap(options).withFallback(given).withFallback(StatedSettings.FILE);
    try {
      Config values = merged.resolve(ConfigResolveOptions.noSystem());
      refuseCredentials(values);
      return new Settings(values);
    } catch (ConfigException e) {
      throw new InvalidInputException(file + ": " + ConfFile.oneLine(e), e);
    }
  }

  /** Settings are kept in checkpoints and told in errors; the value is not repeated here. */
  private static void refuseCredentials(Config values) {
    for (Map.Entry<String, ConfigValue> entry : values.entrySet()) {
      if (S3Login.isIn(String.valueOf(entry.getValue().unwrapped()))) {
        throw new InvalidInputException(
            String.format(
                Locale.ROOT,
                "%s holds credentials in its URI; name s3a://BUCKET/PATH and give them as AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY in the environment",
                entry.getKey()));
      }
    }
  }

  /** A whole number that fits an int. */
  public int integer(String key) {
    return Math.toIntExact(whole(key));
  }

  /** A whole number of 64 bits. */
  public long whole(String key) {
    return (Long) value(key);
  }

  /** A number. */
  public double number(String key) {
    return (Double) value(key);
  }

  /** A size in bytes. */
  public long bytes(String key) {
    return whole(key);
  }

  /** A text, URI, path or name; empty where it may be none. */
  public String text(String key) {
    return (String) value(key);
  }

  /** A whole number that fits an int; empty where {@code auto} stands in its place. */
  public OptionalInt integerOrAuto(String key) {
    return isAuto(key) ? OptionalInt.empty() : OptionalInt.of(integer(key));
  }

  /** Whole numbers, each once. */
  public List<Integer> integers(String key) {
    return allIntegers(key).stream().distinct().toList();
  }

  /** Whole numbers as often as they are given. */
  public List<Integer> allIntegers(String key) {
    return each(key).stream().map(value -> Math.toIntExact((Long) value)).toList();
  }

  /** Numbers, each once. */
  public List<Double> numbers(String key) {
    return each(key).stream().map(Double.class::cast).distinct().toList();
  }

  /** Texts as often as they are given. */
  public List<String> texts(String key) {
    return each(key).stream().map(String.class::cast).toList();
  }

  /** Names, each once. */
  public List<String> names(String key) {
    return texts(key).stream().distinct().toList();
  }

  /** Whether {@code auto} stands in place of a value. */
  public boolean isAuto(String key) {
    return StatedSettings.of(key).allowed().otherwise() == Otherwise.AUTO
        && written(key).equals("auto");
  }

  /**
   * A count, or a share of a total, such as {@code 1%}, rounded up.
   *
   * @param total what the share is of
   */
  public int countOrShare(String key, int total) {
    String written = written(key);
    if (!written.endsWith("%")) {
      return integer(key);
    }
    try {
      double percent = Double.parseDouble(written.substring(0, written.length() - 1));
      if (percent >= 0 && percent <= 100) {
        return (int) Math.ceil(total * percent / 100);
      }
    } catch (NumberFormatException e) {
      // Said below, as for a share that is too large.
    }
    throw StatedSettings.of(key).refusal(written);
  }

  /**
   * A text that may be none, where something else makes it needed.
   *
   * @throws InvalidInputException naming the option if it is none
   */
  public String given(String key) {
    return Optional.of(text(key))
        .filter(text -> !text.isEmpty())
        .orElseThrow(StatedSettings.of(key)::absence);
  }

  /** The same for a list of texts. */
  public List<String> givenTexts(String key) {
    return Optional.of(texts(key))
        .filter(text -> !text.isEmpty())
        .orElseThrow(StatedSettings.of(key)::absence);
  }

  /**
   * Checks a value before the command reads it.
   *
   * @throws InvalidInputException if it is not allowed
   */
  public void check(String key) {
    Allowed allowed = StatedSettings.of(key).allowed();
    if (allowed.count() != Allowed.Count.ONE) {
      each(key);
    } else if (allowed.otherwise() == Otherwise.SHARE) {
      countOrShare(key, 1);
    } else if (!isAuto(key)) {
      value(key);
    }
  }

  private Object value(String key) {
    return StatedSettings.of(key).read(written(key));
  }

  private List<Object> each(String key) {
    return StatedSettings.of(key).readEach(typed(key, () -> list(key)));
  }

  /** One value alone may stand without brackets, and an empty text for none. */
  private List<String> list(String key) {
    if (values.getValue(key).valueType() == ConfigValueType.LIST) {
      return values.getStringList(key);
    }
    String alone = written(key);
    return alone.isEmpty() ? List.of() : List.of(alone);
  }

  private String written(String key) {
    return typed(key, () -> values.getString(key)).strip();
  }

  private <T> T typed(String key, Supplier<T> value) {
    try {
      return value.get();
    } catch (ConfigException.WrongType | ConfigException.Null e) {
      Object written = values.hasPath(key) ? values.getValue(key).unwrapped() : null;
      throw StatedSettings.of(key).refusal(written);
    }
  }
}
