package org.uiospark.jobs.settings;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigList;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigParseOptions;
import com.typesafe.config.ConfigValue;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * The settings that {@code conf/uio.conf} states, the one place that does: a line of it holds key
 * and default, the comment above is what the option's help says, and its end is what is allowed, or
 * {@code as KEY} for the same as another key.
 */
public final class StatedSettings {
  private static final String AS = "as ";

  /** The file, with references that options and files of the user may still turn. */
  static final Config FILE =
      ConfigFactory.parseURL(
          StatedSettings.class.getResource("/uio.conf"),
          ConfigParseOptions.defaults().setAllowMissing(false));

  private static final Config DEFAULTS = FILE.resolve();

  private static final Map<String, Setting> BY_KEY = new TreeMap<>();

  static {
    DEFAULTS.entrySet().forEach(entry -> BY_KEY.put(entry.getKey(), read(entry.getKey())));
  }

  private StatedSettings() {}

  /** Every key that exists. */
  public static Set<String> keys() {
    return BY_KEY.keySet();
  }

  /**
   * One setting.
   *
   * @throws IllegalArgumentException if the file does not state it
   */
  public static Setting of(String key) {
    Setting setting = BY_KEY.get(key);
    if (setting == null) {
      throw new IllegalArgumentException("conf/uio.conf does not state " + key);
    }
    return setting;
  }

  /** The settings of a section in the order of the file; none if there is no such section. */
  public static List<Setting> in(String section) {
    return BY_KEY.values().stream()
        .filter(setting -> setting.key().startsWith(section + "."))
        .sorted(Comparator.comparingInt(setting -> stated(setting.key()).origin().lineNumber()))
        .toList();
  }

  private static Setting read(String key) {
    List<String> lines = stated(key).origin().comments().stream().map(String::strip).toList();
    if (lines.isEmpty()) {
      throw new IllegalArgumentException(key + " has no comment that says what is allowed");
    }
    String allowed = lines.get(lines.size() - 1);
    String comment = String.join(" ", lines.subList(0, lines.size() - 1));
    if (allowed.startsWith(AS)) {
      Setting other = read(allowed.substring(AS.length()));
      return new Setting(
          key, comment.isEmpty() ? other.comment() : comment, other.allowed(), defaults(key));
    }
    return new Setting(key, comment, Allowed.of(allowed), defaults(key));
  }

  /** Where the file states it, before references are followed: there its comments are. */
  private static ConfigValue stated(String key) {
    int dot = key.indexOf('.');
    ConfigObject section = (ConfigObject) FILE.root().get(key.substring(0, dot));
    return section.get(key.substring(dot + 1));
  }

  private static List<String> defaults(String key) {
    if (DEFAULTS.getValue(key) instanceof ConfigList) {
      return DEFAULTS.getStringList(key);
    }
    String value = DEFAULTS.getString(key);
    return value.isEmpty() ? List.of() : List.of(value);
  }
}
