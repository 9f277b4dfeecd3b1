package org.uiospark.data.jinja.builtin;

import java.util.Locale;
import org.uiospark.data.jinja.value.TemplateException;

/** Capital and small letters, as Python's methods of those names see them. */
final class LetterCase {
  private LetterCase() {}

  static String upper(String text) {
    return text.toUpperCase(Locale.ROOT);
  }

  static String lower(String text) {
    return text.toLowerCase(Locale.ROOT);
  }

  static String capitalized(String text) {
    if (text.isEmpty()) {
      return text;
    }
    int first = text.offsetByCodePoints(0, 1);
    return title(text.codePointAt(0))
        + lower(text).substring(lower(text.substring(0, first)).length());
  }

  static String titled(String text) {
    StringBuilder titled = new StringBuilder();
    boolean inside = false;
    for (int i = 0; i < text.length(); ) {
      int point = text.codePointAt(i);
      titled.append(inside ? lower(Character.toString(point)) : title(point));
      inside = isCased(point);
      i += Character.charCount(point);
    }
    return titled.toString();
  }

  /** A first letter; the few that become two letters are left to Python. */
  private static String title(int point) {
    String upper = upper(Character.toString(point));
    if (upper.codePointCount(0, upper.length()) > 1) {
      throw TemplateException.unsupported("the title case of " + Character.toString(point));
    }
    return Character.toString(Character.toTitleCase(point));
  }

  private static boolean isCased(int point) {
    return Character.isUpperCase(point)
        || Character.isLowerCase(point)
        || Character.isTitleCase(point);
  }

  static boolean isLower(String text) {
    return text.codePoints().anyMatch(Character::isLowerCase)
        && text.codePoints().noneMatch(p -> Character.isUpperCase(p) || Character.isTitleCase(p));
  }

  static boolean isUpper(String text) {
    return text.codePoints().anyMatch(Character::isUpperCase)
        && text.codePoints().noneMatch(p -> Character.isLowerCase(p) || Character.isTitleCase(p));
  }
}
