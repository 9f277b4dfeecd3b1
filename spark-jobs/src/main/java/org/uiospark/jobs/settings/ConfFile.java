package org.uiospark.jobs.settings;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigOrigin;
import com.typesafe.config.ConfigParseOptions;
import com.typesafe.config.ConfigValue;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import org.uiospark.model.input.InvalidInputException;

/** The file that a user gives with {@code --conf}. */
final class ConfFile {
  private static final ConfigParseOptions STRICT =
      ConfigParseOptions.defaults().setAllowMissing(false).setIncluder(new RequiredIncludes(null));

  private ConfFile() {}

  /**
   * Its values, with what it includes.
   *
   * @throws InvalidInputException if it cannot be read, or holds a key that does not exist
   */
  static Config read(Path file) {
    if (!Files.isRegularFile(file)) {
      throw new InvalidInputException(file + ": there is no such configuration file");
    }
    Config given = parse(file);
    refuseUnknown("", given.root(), StatedSettings.FILE.root());
    return given;
  }

  private static Config parse(Path file) {
    try {
      return ConfigFactory.parseFile(file.toFile(), STRICT);
    } catch (ConfigException e) {
      throw new InvalidInputException(oneLine(e), e);
    } catch (InvalidInputException e) {
      throw new InvalidInputException(file + ": " + e.getMessage(), e);
    }
  }

  /** What the library says, which takes several lines. */
  static String oneLine(ConfigException e) {
    return e.getMessage().replaceAll("\\s+", " ");
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
                Nearest.to(key, StatedSettings.keys())));
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
}
