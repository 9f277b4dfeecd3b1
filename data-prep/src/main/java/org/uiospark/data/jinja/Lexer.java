package org.uiospark.data.jinja;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.uiospark.data.jinja.value.PythonText;
import org.uiospark.data.jinja.value.TemplateException;

/**
 * Cuts a template into tokens, with the whitespace that Jinja2 leaves under {@code trim_blocks} and
 * {@code lstrip_blocks}.
 */
final class Lexer {
  private static final Pattern NEWLINE = Pattern.compile("\r\n|\r");
  private static final Pattern RAW =
      Pattern.compile("\\{%([-+]?)[\\s\\x1c-\\x1f]*raw[\\s\\x1c-\\x1f]*(-%\\}|%\\})");
  private static final Pattern END_RAW =
      Pattern.compile("\\{%([-+]?)[\\s\\x1c-\\x1f]*endraw[\\s\\x1c-\\x1f]*(\\+%\\}|-%\\}|%\\})");
  private static final Pattern FLOAT =
      Pattern.compile(
          "(?<!\\.)(?:\\d+_)*\\d+(?:(?:\\.(?:\\d+_)*\\d+)?[eE][-+]?(?:\\d+_)*\\d+|\\.(?:\\d+_)*\\d+)");
  private static final Pattern INTEGER =
      Pattern.compile(
          "0[bB](?:_?[01])+|0[oO](?:_?[0-7])+|0[xX](?:_?[0-9a-fA-F])+|[1-9](?:_?\\d)*|0(?:_?0)*");
  private static final Pattern NAME = Pattern.compile("\\w+");
  private static final List<String> OPERATORS =
      List.of(
          "//", "**", "==", "!=", ">=", "<=", "+", "-", "/", "*", "%", "~", "[", "]", "(", ")", "{",
          "}", ">", "<", "=", ".", ":", "|", ",", ";");

  private final String source;
  private final List<Token> tokens = new ArrayList<>();
  private int at;
  private int line = 1;
  private int lineAt;

  /** Whether what was read last ends a line. */
  private boolean lineStarting = true;

  private Lexer(String source) {
    String unix = NEWLINE.matcher(source).replaceAll("\n");
    this.source = unix.endsWith("\n") ? unix.substring(0, unix.length() - 1) : unix;
  }

  static List<Token> tokens(String source) {
    Lexer lexer = new Lexer(source);
    lexer.root();
    lexer.add("eof", "");
    return lexer.tokens;
  }

  private void root() {
    while (at < source.length()) {
      int tag = nextTag();
      if (tag < 0) {
        data(source.substring(at));
        at = source.length();
        return;
      }
      String text = source.substring(at, tag);
      char kind = source.charAt(tag + 1);
      char sign = tag + 2 < source.length() ? source.charAt(tag + 2) : ' ';
      Matcher raw = matcher(RAW, tag);
      data(stripped(text, sign, kind == '{'));
      if (raw.lookingAt()) {
        at = raw.end();
        if (raw.group(2).startsWith("-")) {
          skipSpace();
        }
        lineStarting = source.charAt(at - 1) == '\n';
        raw();
      } else {
        at = sign == '-' || sign == '+' ? tag + 3 : tag + 2;
        lineStarting = false;
        if (kind == '#') {
          comment();
        } else {
          tag(kind == '{' ? "variable" : "block");
        }
      }
    }
  }

  private int nextTag() {
    for (int i = source.indexOf('{', at); i >= 0; i = source.indexOf('{', i + 1)) {
      if (i + 1 < source.length() && "{%#".indexOf(source.charAt(i + 1)) >= 0) {
        return i;
      }
    }
    return -1;
  }

  /** The text before a tag, without what the tag strips. */
  private String stripped(String text, char sign, boolean variable) {
    if (sign == '-') {
      return PythonText.stripRight(text);
    }
    int lineBegin = text.lastIndexOf('\n') + 1;
    boolean indent =
        sign != '+'
            && !variable
            && (lineBegin > 0 || lineStarting)
            && PythonText.stripRight(text.substring(lineBegin)).isEmpty();
    return indent ? text.substring(0, lineBegin) : text;
  }

  private void raw() {
    Matcher end = matcher(END_RAW, at);
    if (!end.find()) {
      throw error("a raw block without its end");
    }
    char sign = end.group(1).isEmpty() ? ' ' : end.group(1).charAt(0);
    data(stripped(source.substring(at, end.start()), sign, false));
    at = end.end();
    trimAfter(end.group(2));
    lineStarting = source.charAt(at - 1) == '\n';
  }

  private void comment() {
    int end = source.indexOf("#}", at);
    if (end < 0) {
      throw error("a comment without its end");
    }
    char sign = end > at ? source.charAt(end - 1) : ' ';
    at = end + 2;
    trimAfter(sign + "#}");
    lineStarting = source.charAt(at - 1) == '\n';
  }

  /** Skips what the end of a block or comment takes with it. */
  private void trimAfter(String end) {
    if (end.startsWith("-")) {
      skipSpace();
    } else if (!end.startsWith("+") && at < source.length() && source.charAt(at) == '\n') {
      at++;
    }
  }

  private void skipSpace() {
    while (at < source.length() && PythonText.isSpace(source.charAt(at))) {
      at++;
    }
  }

  private void tag(String kind) {
    add(kind + "_begin", "{");
    Deque<Character> open = new ArrayDeque<>();
    while (true) {
      skipSpace();
      if (at >= source.length()) {
        throw error("a tag without its end");
      }
      if (open.isEmpty() && endOfTag(kind)) {
        return;
      }
      char c = source.charAt(at);
      if (number() || name()) {
        continue;
      }
      if (c == '\'' || c == '"') {
        string(c);
      } else {
        operator(open);
      }
    }
  }

  private boolean endOfTag(String kind) {
    boolean variable = kind.equals("variable");
    String end = variable ? "}}" : "%}";
    char sign = source.charAt(at);
    boolean signed = sign == '-' || (sign == '+' && !variable);
    if (!source.startsWith(end, signed ? at + 1 : at)) {
      return false;
    }
    add(kind + "_end", end);
    at += signed ? 3 : 2;
    if (sign == '-' || !variable) {
      trimAfter(signed ? sign + end : end);
    }
    lineStarting = source.charAt(at - 1) == '\n';
    return true;
  }

  private boolean number() {
    Matcher real = matcher(FLOAT, at);
    Matcher whole = matcher(INTEGER, at);
    if (real.lookingAt()) {
      add("number", Double.valueOf(real.group().replace("_", "")));
      at = real.end();
      return true;
    }
    if (whole.lookingAt()) {
      add("number", integer(whole.group().replace("_", "")));
      at = whole.end();
      return true;
    }
    return false;
  }

  private Long integer(String digits) {
    try {
      return switch (digits.length() > 1 ? Character.toLowerCase(digits.charAt(1)) : ' ') {
        case 'b' -> Long.valueOf(digits.substring(2), 2);
        case 'o' -> Long.valueOf(digits.substring(2), 8);
        case 'x' -> Long.valueOf(digits.substring(2), 16);
        default -> Long.valueOf(digits);
      };
    } catch (NumberFormatException e) {
      throw error("an integer over 64 bits");
    }
  }

  private boolean name() {
    Matcher name = matcher(NAME, at);
    if (!name.lookingAt()) {
      return false;
    }
    add("name", name.group());
    at = name.end();
    return true;
  }

  private void string(char quote) {
    int end = at + 1;
    while (end < source.length() && source.charAt(end) != quote) {
      end += source.charAt(end) == '\\' ? 2 : 1;
    }
    if (end >= source.length()) {
      throw error("a string without its end");
    }
    try {
      add("string", PythonText.unescaped(source.substring(at + 1, end)));
    } catch (TemplateException e) {
      throw e.at(line());
    }
    at = end + 1;
  }

  private void operator(Deque<Character> open) {
    String sign =
        OPERATORS.stream()
            .filter(operator -> source.startsWith(operator, at))
            .findFirst()
            .orElseThrow(() -> error("the character '" + source.charAt(at) + "' in a tag"));
    switch (sign) {
      case "(" -> open.push(')');
      case "[" -> open.push(']');
      case "{" -> open.push('}');
      case ")", "]", "}" -> {
        if (open.isEmpty() || open.pop() != sign.charAt(0)) {
          throw error("an unexpected '" + sign + "'");
        }
      }
      default -> {
        // Opens and closes nothing.
      }
    }
    add(sign, sign);
    at += sign.length();
  }

  private void data(String text) {
    if (!text.isEmpty()) {
      add("data", text);
    }
  }

  private void add(String type, Object value) {
    tokens.add(new Token(type, value, line()));
  }

  private int line() {
    for (; lineAt < at; lineAt++) {
      if (source.charAt(lineAt) == '\n') {
        line++;
      }
    }
    return line;
  }

  private Matcher matcher(Pattern pattern, int from) {
    Matcher matcher = pattern.matcher(source).region(from, source.length());
    return matcher.useTransparentBounds(true);
  }

  private TemplateException error(String what) {
    return new TemplateException(what).at(line());
  }
}
