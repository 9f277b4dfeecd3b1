package org.uiospark.jobs.settings;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigList;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigOrigin;
import com.typesafe.config.ConfigParseOptions;
import com.typesafe.config.ConfigRenderOptions;
import com.typesafe.config.ConfigResolveOptions;
import com.typesafe.config.ConfigValue;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import org.uiospark.data.storage.InputFile;
import org.uiospark.model.input.InvalidInputException;

/**
 * All settings of one run, under the keys of {@code conf/uio.conf}.
 *
 * <p>An option of the command line wins over the {@code --conf} file, which wins over the default.
 * Every accessor checks type and range; its message names the key, the value and what is allowed.
 */
public final class Settings {
  private static final String DEFAULTS = "uio.conf";

  private static final ConfigParseOptions STRICT =
      ConfigParseOptions.defaults().setAllowMissing(false).setIncluder(new RequiredIncludes(null));

  /** The library would make 0 of NaN, and of what is too large the largest long. */
  private static final Pattern UNITLESS = Pattern.compile("[-+]?(NaN|Infinity)|[0-9.eE+-]*[0-9]");

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
    Config defaults = reference();
    Config given = file == null ? ConfigFactory.empty() : read(file);
    refuseUnknown("", given.root(), defaults.resolve().root());
    Config merged = ConfigFactory.parseMap(options).withFallback(given).withFallback(defaults);
    try {
      Config values = merged.resolve(ConfigResolveOptions.noSystem());
      refuseCredentials(values);
      return new Settings(values);
    } catch (ConfigException e) {
      throw new InvalidInputException(file + ": " + oneLine(e), e);
    }
  }

  /** Every key that exists, such as {@code train.steps}. */
  public static Set<String> keys() {
    Set<String> keys = new TreeSet<>();
    reference().resolve().entrySet().forEach(entry -> keys.add(entry.getKey()));
    return keys;
  }

  private static Config reference() {
    return ConfigFactory.parseResources(Settings.class.getClassLoader(), DEFAULTS, STRICT);
  }

  private static Config read(Path file) {
    if (!Files.isRegularFile(file)) {
      throw new InvalidInputException(file + ": there is no such configuration file");
    }
    try {
      return ConfigFactory.parseFile(file.toFile(), STRICT);
    } catch (ConfigException e) {
      throw new InvalidInputException(oneLine(e), e);
    } catch (InvalidInputException e) {
      throw new InvalidInputException(file + ": " + e.getMessage(), e);
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

  private static void refuseUnknown(String prefix, ConfigObject given, ConfigObject known) {
    for (Map.Entry<String, ConfigValue> entry : given.entrySet()) {
      String key = prefix + entry.getKey();
      ConfigValue knownValue = known.get(entry.getKey());
      // Not always the file that was given: it may include others.
      ConfigOrigin origin = entry.getValue().origin();
      if (knownValue == null) {
        throw new InvalidInputException(
            String.format(
                Locale.ROOT,
                "%s: unknown key '%s' in line %d; the nearest is '%s'",
                origin.filename(),
                key,
                origin.lineNumber(),
                Nearest.to(key, keys())));
      }
      boolean section = knownValue instanceof ConfigObject;
      if (section != entry.getValue() instanceof ConfigObject) {
        throw new InvalidInputException(
            String.format(
                Locale.ROOT,
                "%s: '%s' in line %d must be %s",
                origin.filename(),
                key,
                origin.lineNumber(),
                section ? "a section, " + key + " { ... }" : "a value, not a section"));
      }
      if (section) {
        refuseUnknown(key + ".", (ConfigObject) entry.getValue(), (ConfigObject) knownValue);
      }
    }
  }

  /** A whole number from {@code least} up. */
  public int atLeast(String key, int least) {
    long value = whole(key);
    if (value < least || value > Integer.MAX_VALUE) {
      throw outOfRange(key, value, "a whole number from " + least + " to " + Integer.MAX_VALUE);
    }
    return (int) value;
  }

  /**
   * A whole number from 0 up, or a share of a total, such as {@code 1%}, rounded up.
   *
   * @param total what the share is of
   */
  public int countOrShare(String key, int total) {
    String value = text(key);
    if (!value.endsWith("%")) {
      return atLeast(key, 0);
    }
    double percent =
        typed(
            key,
            "a whole number or a share such as 1%",
            () -> Double.parseDouble(value.substring(0, value.length() - 1)));
    if (!(percent >= 0 && percent <= 100)) {
      throw outOfRange(key, value, "a share from 0% to 100%");
    }
    return (int) Math.ceil(total * percent / 100);
  }

  /** Any whole number of 64 bits. */
  public long whole(String key) {
    return typed(key, "a whole number of 64 bits", () -> exact(values.getString(key)));
  }

  /** A number with both ends allowed. */
  public double between(String key, double least, double most) {
    double value = number(key);
    if (!(value >= least && value <= most)) {
      throw outOfRange(key, value, "a number from " + least + " to " + most);
    }
    return value;
  }

  /** A share of a whole: above 0, at most 1. */
  public double share(String key) {
    double value = number(key);
    if (!(value > 0 && value <= 1)) {
      throw outOfRange(key, value, "a number above 0, at most 1");
    }
    return value;
  }

  /** A finite number above zero. */
  public double positive(String key) {
    double value = number(key);
    if (!(value > 0 && value <= Double.MAX_VALUE)) {
      throw outOfRange(key, value, "a number above 0");
    }
    return value;
  }

  /** A finite number, zero or above. */
  public double notNegative(String key) {
    double value = number(key);
    if (!(value >= 0 && value <= Double.MAX_VALUE)) {
      throw outOfRange(key, value, "a number from 0 up");
    }
    return value;
  }

  /** A size in bytes; the value may carry a unit, as in {@code 512 MiB}. */
  public long bytes(String key) {
    return bytesAtLeast(key, 0);
  }

  /** A size of {@code least} bytes or more. */
  public long bytesAtLeast(String key, long least) {
    long value =
        typed(
            key,
            "a size such as 512 MiB",
            () -> UNITLESS.matcher(text(key)).matches() ? exact(text(key)) : values.getBytes(key));
    if (value < least) {
      throw outOfRange(key, value, "a size from " + least + " bytes up");
    }
    return value;
  }

  /** A text that may be empty. */
  public String text(String key) {
    return typed(key, "a text", () -> values.getString(key)).strip();
  }

  /**
   * A text that the user has to give.
   *
   * @throws InvalidInputException naming the option if it is empty
   */
  public String required(String key) {
    String value = text(key);
    if (value.isEmpty()) {
      throw missing(key);
    }
    return value;
  }

  /**
   * A path on this machine, where no other file system would do; it may be empty.
   *
   * @throws InvalidInputException if it is a URI
   */
  public String localPath(String key) {
    String value = text(key);
    if (InputFile.isUri(value)) {
      throw outOfRange(key, value, "a path on this machine, without a scheme");
    }
    return value;
  }

  /** A path on this machine that the user has to give. */
  public String requiredLocalPath(String key) {
    required(key);
    return localPath(key);
  }

  /** A list of texts that the user has to give, none of them empty. */
  public List<String> requiredTexts(String key) {
    List<String> value = typed(key, "a list of texts", () -> values.getStringList(key));
    if (value.isEmpty() || value.stream().anyMatch(String::isBlank)) {
      throw missing(key);
    }
    return List.copyOf(value);
  }

  /** At least one whole number, each once, each from {@code least} up. */
  public List<Integer> wholesAtLeast(String key, int least) {
    List<Integer> value = anyWholesAtLeast(key, least);
    if (value.isEmpty()) {
      throw missing(key);
    }
    return value;
  }

  /** Whole numbers, maybe none, each once, each from {@code least} up. */
  public List<Integer> anyWholesAtLeast(String key, int least) {
    String what = "a list of whole numbers, each at least " + least;
    List<Long> value =
        typed(key, what, () -> values.getStringList(key).stream().map(Settings::exact).toList());
    for (long each : value) {
      if (each < least || each > Integer.MAX_VALUE) {
        throw outOfRange(key, each, what);
      }
    }
    return value.stream().map(Long::intValue).distinct().toList();
  }

  /** At least one number, each once, each with both ends allowed. */
  public List<Double> eachBetween(String key, double least, double most) {
    List<Double> value = typed(key, "a list of numbers", () -> values.getDoubleList(key));
    if (value.isEmpty()) {
      throw missing(key);
    }
    for (double each : value) {
      if (!(each >= least && each <= most)) {
        throw outOfRange(
            key,
            each,
            String.format(Locale.ROOT, "a list of numbers, each from %s to %s", least, most));
      }
    }
    return value.stream().distinct().toList();
  }

  /** One of some names. */
  public String oneOf(String key, List<String> names) {
    return known(key, text(key), names);
  }

  /** At least one of some names, each once. */
  public List<String> someOf(String key, List<String> names) {
    return requiredTexts(key).stream().map(value -> known(key, value, names)).distinct().toList();
  }

  private static String known(String key, String value, List<String> names) {
    if (!names.contains(value)) {
      throw new InvalidInputException(
          String.format(
              Locale.ROOT,
              "%s = %s is not known: one of %s; the nearest is %s",
              key,
              value,
              String.join(", ", names),
              Nearest.to(value, names)));
    }
    return value;
  }

  /**
   * A section in one line of JSON with its keys in order, for the provenance of what a run made.
   */
  public String json(String section) {
    return values.getConfig(section).root().render(ConfigRenderOptions.concise());
  }

  private double number(String key) {
    return typed(key, "a number", () -> values.getDouble(key));
  }

  /** The library's own conversion makes 1 of 1.5, and the largest long of 1e30, without a word. */
  private static long exact(String written) {
    return new BigDecimal(written.strip()).longValueExact();
  }

  private <T> T typed(String key, String what, Supplier<T> value) {
    try {
      return value.get();
    } catch (ConfigException.WrongType
        | ConfigException.BadValue
        | ConfigException.Null
        | ArithmeticException
        | NumberFormatException e) {
      throw outOfRange(key, written(key), what);
    }
  }

  private String written(String key) {
    if (!values.hasPath(key)) {
      return "null";
    }
    ConfigValue value = values.getValue(key);
    return value instanceof ConfigObject || value instanceof ConfigList
        ? value.unwrapped().toString()
        : values.getString(key);
  }

  private static InvalidInputException outOfRange(String key, Object value, String allowed) {
    return new InvalidInputException(
        String.format(Locale.ROOT, "%s = %s is out of range: it must be %s", key, value, allowed));
  }

  private static InvalidInputException missing(String key) {
    int dot = key.indexOf('.');
    return new InvalidInputException(
        String.format(
            Locale.ROOT,
            "%s needs --%s; give the option, or %s in the --conf file",
            key.substring(0, dot),
            key.substring(dot + 1),
            key));
  }

  private static String oneLine(ConfigException e) {
    return e.getMessage().replaceAll("\\s+", " ");
  }
}
