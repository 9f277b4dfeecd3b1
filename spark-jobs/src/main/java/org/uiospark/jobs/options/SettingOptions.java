package org.uiospark.jobs.options;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.uiospark.jobs.settings.Setting;
import org.uiospark.jobs.settings.StatedSettings;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParseResult;

/**
 * The options of a command that are settings: one for each key that {@code conf/uio.conf} states in
 * the section of its name. {@code --steps} of {@code train} is {@code train.steps}, and its help is
 * what the file says.
 */
public final class SettingOptions {
  private SettingOptions() {}

  /** Gives a command its options, before any of its own, in the order of the file. */
  public static void addTo(CommandSpec command) {
    command.usageMessage().abbreviateSynopsis(true).sortOptions(false);
    StatedSettings.in(command.name()).forEach(setting -> command.addOption(option(setting)));
  }

  /** The values on the command line by key; each is a text, or a list of them. */
  public static Map<String, Object> given(ParseResult parsed) {
    Map<String, Object> given = new TreeMap<>();
    for (Setting setting : StatedSettings.in(parsed.commandSpec().name())) {
      if (parsed.hasMatchedOption(setting.option())) {
        given.put(setting.key(), parsed.matchedOptionValue(setting.option(), null));
      }
    }
    return given;
  }

  /** Its value stays a text: {@code Settings} reads it as it reads those of a file. */
  private static OptionSpec option(Setting setting) {
    OptionSpec.Builder option =
        OptionSpec.builder(setting.option())
            .paramLabel(setting.label())
            .arity(setting.isOneAfterTheOther() ? "1..*" : "1")
            // A format string to the library.
            .description(setting.help().replace("%", "%%"));
    if (setting.hasCommasBetween()) {
      option.splitRegex(",");
    }
    boolean several = setting.hasCommasBetween() || setting.isOneAfterTheOther();
    if (several) {
      option.type(List.class).auxiliaryTypes(String.class);
    } else {
      option.type(String.class);
    }
    return option.build();
  }
}
