package org.uiospark.data.jinja;

import java.util.List;
import org.uiospark.data.jinja.value.TemplateException;

/** The tokens of a template, one after the other. */
final class TokenStream {
  /** How deep tags and brackets may stand in each other. */
  private static final int MAX_DEPTH = 100;

  private final List<Token> tokens;
  private int at;
  private int depth;

  /** The names of the part that is read now. */
  private Frame frame = new Frame(null);

  TokenStream(String source) {
    this.tokens = Lexer.tokens(source);
  }

  Token current() {
    return tokens.get(at);
  }

  Token look() {
    return tokens.get(Math.min(at + 1, tokens.size() - 1));
  }

  Token next() {
    Token token = current();
    at = Math.min(at + 1, tokens.size() - 1);
    return token;
  }

  boolean is(String type) {
    return current().is(type);
  }

  boolean isName(String name) {
    return current().isName(name);
  }

  boolean skip(String type) {
    boolean found = is(type);
    if (found) {
      next();
    }
    return found;
  }

  boolean skipName(String name) {
    boolean found = isName(name);
    if (found) {
      next();
    }
    return found;
  }

  Token expect(String type) {
    if (!is(type)) {
      throw error("expected " + type.replace('_', ' ') + ", got " + current());
    }
    return next();
  }

  String expectName() {
    return (String) expect("name").value();
  }

  void expectName(String name) {
    if (!skipName(name)) {
      throw error("expected '" + name + "', got " + current());
    }
  }

  Frame frame() {
    return frame;
  }

  /** Begins a part with a scope of its own. */
  Frame begin() {
    frame = new Frame(frame);
    return frame;
  }

  void end() {
    frame = frame.outer();
  }

  int line() {
    return current().line();
  }

  void enter() {
    if (++depth > MAX_DEPTH) {
      throw error("over " + MAX_DEPTH + " levels");
    }
  }

  void leave() {
    depth--;
  }

  TemplateException error(String what) {
    return new TemplateException(what).at(line());
  }
}
