package org.uiospark.model.input;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Locale;

/** The name by which one file of a folder names another. */
public final class FileName {
  private static final int MAX_LENGTH = 255;

  private FileName() {}

  /**
   * A name that stays in its folder on every file system: not a path, not hidden, no URI.
   *
   * @param origin the file that holds the name, for messages
   * @throws InvalidInputException if it is anything else
   */
  public static String of(String origin, JsonNode value) {
    String name = value.asText();
    boolean plain =
        value.isTextual()
            && !name.isBlank()
            && !name.startsWith(".")
            && name.length() <= MAX_LENGTH
            && name.chars().noneMatch(c -> "/\\:".indexOf(c) >= 0 || Character.isISOControl(c))
            && canBeWritten(name);
    if (!plain) {
      throw new InvalidInputException(
          String.format(
              Locale.ROOT,
              "%s names the file %s; it must be a file of the same folder",
              origin,
              value));
    }
    return name;
  }

  /** Half a surrogate pair cannot, nor a letter that the locale of this system lacks. */
  private static boolean canBeWritten(String name) {
    try {
      Path.of(name);
      return true;
    } catch (InvalidPathException e) {
      return false;
    }
  }
}
