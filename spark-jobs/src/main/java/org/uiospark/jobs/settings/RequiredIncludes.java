package org.uiospark.jobs.settings;

import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigIncludeContext;
import com.typesafe.config.ConfigIncluder;
import com.typesafe.config.ConfigIncluderClasspath;
import com.typesafe.config.ConfigIncluderFile;
import com.typesafe.config.ConfigIncluderURL;
import com.typesafe.config.ConfigObject;
import java.io.File;
import java.net.URL;
import java.util.function.Function;
import org.uiospark.model.input.InvalidInputException;

/**
 * Includes what the library's own includer finds, and refuses what it does not find: it would go on
 * with the defaults in place of the settings that were meant.
 *
 * @param library the library's own includer, null until the library gives it
 */
record RequiredIncludes(ConfigIncluder library)
    implements ConfigIncluder, ConfigIncluderFile, ConfigIncluderURL, ConfigIncluderClasspath {

  @Override
  public ConfigIncluder withFallback(ConfigIncluder fallback) {
    return new RequiredIncludes(fallback);
  }

  @Override
  public ConfigObject include(ConfigIncludeContext context, String what) {
    return found(context, what, each -> library.include(each, what));
  }

  @Override
  public ConfigObject includeFile(ConfigIncludeContext context, File what) {
    return found(context, what, each -> ((ConfigIncluderFile) library).includeFile(each, what));
  }

  @Override
  public ConfigObject includeURL(ConfigIncludeContext context, URL what) {
    return found(context, what, each -> ((ConfigIncluderURL) library).includeURL(each, what));
  }

  @Override
  public ConfigObject includeResources(ConfigIncludeContext context, String what) {
    return found(
        context, what, each -> ((ConfigIncluderClasspath) library).includeResources(each, what));
  }

  private static ConfigObject found(
      ConfigIncludeContext context,
      Object what,
      Function<ConfigIncludeContext, ConfigObject> include) {
    try {
      return include.apply(context.setParseOptions(context.parseOptions().setAllowMissing(false)));
    } catch (ConfigException.IO e) {
      throw new InvalidInputException(
          "include of "
              + what
              + ": there is no such file; its name counts from the folder of the file that includes it",
          e);
    }
  }
}
