package org.uiospark.data.jinja.value;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Text as Python sees it: whitespace, lines, escapes, and indices that count code points. */
public final class PythonText {
  private static final Map<Character, String> ESCAPES =
      Map.of(
          'n', "\n", 't', "\t", 'r', "\r", 'b', "\b", 'f', "\f", 'v', "\u000b", 'a', "\u0007", '\\',
          "\\", '\'', "'", '"', "\"");

  private PythonText() {}

  /** {@code str.isspace} of one character. */
  public static boolean isSpace(char c) {
    return (c >= 9 && c <= 13)
        || (c >= 28 && c <= 32)
        || c == 0x85
        || c == 0xA0
        || (c > 0xFF && (Character.isSpaceChar(c) || Character.isWhitespace(c)));
  }

  /** {@code lstrip()}. */
  public static String stripLeft(String text) {
    int from = 0;
    while (from < text.length() && isSpace(text.charAt(from))) {
      from++;
    }
    return text.substring(from);
  }

  /** {@code rstrip()}. */
  public static String stripRight(String text) {
    int to = text.length();
    while (to > 0 && isSpace(text.charAt(to - 1))) {
      to--;
    }
    return text.substring(0, to);
  }

  /** {@code lstrip} of a set of characters. */
  public static String stripLeft(String text, String characters) {
    int from = 0;
    while (from < text.length() && characters.indexOf(text.codePointAt(from)) >= 0) {
      from += Character.charCount(text.codePointAt(from));
    }
    return text.substring(from);
  }

  /** {@code rstrip} of a set of characters. */
  public static String stripRight(String text, String characters) {
    int to = text.length();
    while (to > 0 && characters.indexOf(text.codePointBefore(to)) >= 0) {
      to -= Character.charCount(text.codePointBefore(to));
    }
    return text.substring(0, to);
  }

  /** {@code len}. */
  public static int length(String text) {
    return text.codePointCount(0, text.length());
  }

  /** The characters, each as a text. */
  static List<Object> characters(String text) {
    List<Object> characters = new ArrayList<>(text.length());
    for (int i = 0; i < text.length(); ) {
      int next = text.offsetByCodePoints(i, 1);
      characters.add(text.substring(i, next));
      i = next;
    }
    return characters;
  }

  /** {@code splitlines()}. */
  public static List<Object> lines(String text) {
    List<Object> lines = new ArrayList<>();
    int from = 0;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if ((c >= 10 && c <= 13) || (c >= 28 && c <= 30) || c == 0x85 || c == 0x2028 || c == 0x2029) {
        lines.add(text.substring(from, i));
        if (c == '\r' && i + 1 < text.length() && text.charAt(i + 1) == '\n') {
          i++;
        }
        from = i + 1;
      }
    }
    if (from < text.length()) {
      lines.add(text.substring(from));
    }
    return lines;
  }

  /** A string of a template without its escapes. */
  public static String unescaped(String literal) {
    if (literal.indexOf('\\') < 0) {
      return literal;
    }
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < literal.length(); i++) {
      char c = literal.charAt(i);
      if (c != '\\') {
        text.append(c);
        continue;
      }
      i++;
      char kind = literal.charAt(i);
      if (ESCAPES.containsKey(kind)) {
        text.append(ESCAPES.get(kind));
      } else if (kind >= '0' && kind <= '7') {
        int end = i + 1;
        while (end < Math.min(i + 3, literal.length())
            && literal.charAt(end) >= '0'
            && literal.charAt(end) <= '7') {
          end++;
        }
        text.appendCodePoint(Integer.parseInt(literal.substring(i, end), 8));
        i = end - 1;
      } else if (kind == 'x' || kind == 'u' || kind == 'U') {
        int digits = kind == 'x' ? 2 : kind == 'u' ? 4 : 8;
        text.appendCodePoint(hex(literal, i + 1, digits));
        i += digits;
      } else if (kind == 'N') {
        throw TemplateException.unsupported("the escape \\N");
      } else if (kind != '\n') {
        // Python keeps the backslash of what is no escape.
        text.append('\\').append(kind);
      }
    }
    return text.toString();
  }

  private static int hex(String literal, int from, int digits) {
    try {
      int point = Integer.parseUnsignedInt(literal.substring(from, from + digits), 16);
      if (Character.isValidCodePoint(point)) {
        return point;
      }
    } catch (NumberFormatException | StringIndexOutOfBoundsException e) {
      // Told below.
    }
    throw new TemplateException("a damaged escape in the string '" + literal + "'");
  }
}
