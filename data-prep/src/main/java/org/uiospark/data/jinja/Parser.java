package org.uiospark.data.jinja;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.uiospark.data.jinja.value.TemplateException;

/** Statements. */
final class Parser {
  private static final Set<String> CONSTANTS =
      Set.of("true", "True", "false", "False", "none", "None");

  private final TokenStream tokens;
  private final ExpressionParser expressions;
  private final OperandParser operands;

  /** Loops around what is parsed, within the innermost macro or block that has its own function. */
  private int loops;

  private Parser(String source) {
    this.tokens = new TokenStream(source);
    this.expressions = new ExpressionParser(tokens);
    this.operands = expressions.operands();
  }

  static Template parse(String source) {
    Parser parser = new Parser(source);
    return new Template(parser.body(), parser.tokens.frame());
  }

  /** Statements up to one of these tags, whose name comes next; with none, to the end. */
  private List<Statement> body(String... ends) {
    List<Statement> body = new ArrayList<>();
    tokens.enter();
    while (!tokens.is("eof")) {
      if (tokens.is("data")) {
        body.add(new Statements.Data((String) tokens.next().value()));
      } else if (tokens.skip("variable_begin")) {
        int line = tokens.line();
        body.add(new Statements.Output(expressions.tuple(), line));
        tokens.expect("variable_end");
      } else {
        tokens.expect("block_begin");
        if (Arrays.stream(ends).anyMatch(tokens::isName)) {
          tokens.leave();
          return body;
        }
        body.add(statement());
        tokens.expect("block_end");
      }
    }
    if (ends.length > 0) {
      throw tokens.error("the end of the template before '" + ends[ends.length - 1] + "'");
    }
    tokens.leave();
    return body;
  }

  /** The body behind a tag that ends here, and the name of its end. */
  private List<Statement> block(String end) {
    List<Statement> body = open(end);
    tokens.next();
    return body;
  }

  private List<Statement> open(String... ends) {
    tokens.skip(":");
    tokens.expect("block_end");
    return body(ends);
  }

  private Statement statement() {
    int line = tokens.line();
    String name = tokens.expectName();
    return switch (name) {
      case "if" -> conditional();
      case "for" -> loop();
      case "set" -> set();
      case "macro" -> macro();
      case "with" -> with();
      case "filter" -> filter();
      case "generation" -> generation(line);
      case "break" -> leave(Statement.End.BREAK, line);
      case "continue" -> leave(Statement.End.CONTINUE, line);
      default -> throw TemplateException.unsupported("the tag " + name).at(line);
    };
  }

  private Statement leave(Statement.End end, int line) {
    if (loops == 0) {
      throw new TemplateException("a break or continue outside of a loop").at(line);
    }
    return new Statements.Leave(end);
  }

  private Statement conditional() {
    List<Expression> tests = new ArrayList<>();
    List<List<Statement>> branches = new ArrayList<>();
    List<Statement> otherwise = List.of();
    do {
      tests.add(expressions.unconditional(""));
      tokens.frame().enterBranch();
      branches.add(open("elif", "else", "endif"));
      tokens.frame().leaveBranch();
    } while (tokens.skipName("elif"));
    tokens.frame().enterBranch();
    if (tokens.skipName("else")) {
      otherwise = block("endif");
    } else {
      tokens.next();
    }
    tokens.frame().leaveBranch();
    return new Statements.If(tests, branches, otherwise);
  }

  private Statement loop() {
    Target target = target("in");
    tokens.expectName("in");
    Expression iterable = expressions.unconditional("recursive");
    Frame testFrame = begin(target);
    Expression test = tokens.skipName("if") ? expressions.expression() : null;
    tokens.end();
    if (tokens.isName("recursive")) {
      throw TemplateException.unsupported("a recursive loop").at(tokens.line());
    }
    loops++;
    Frame frame = begin(target);
    List<Statement> body = open("endfor", "else");
    tokens.end();
    loops--;
    List<Statement> otherwise = List.of();
    Frame otherwiseFrame = tokens.begin();
    if (tokens.skipName("else")) {
      otherwise = block("endfor");
    } else {
      tokens.next();
    }
    tokens.end();
    return new Statements.For(
        target, iterable, test, testFrame, body, frame, otherwise, otherwiseFrame);
  }

  /** A part that has its targets from the start. */
  private Frame begin(Target target) {
    Frame frame = tokens.begin();
    target.names().forEach(frame::read);
    return frame;
  }

  private Statement set() {
    Target target = target("");
    if (tokens.skip("=")) {
      Expression value = expressions.tuple();
      target.names().forEach(tokens.frame()::set);
      return new Statements.Set(target, value);
    }
    target.names().forEach(tokens.frame()::set);
    List<Statement> body = new ArrayList<>();
    Frame frame = tokens.begin();
    Expression filtered = operands.filter(new Statements.Captured(body, frame));
    body.addAll(block("endset"));
    tokens.end();
    return new Statements.SetBlock(target, filtered);
  }

  private Statement filter() {
    int line = tokens.line();
    List<Statement> body = new ArrayList<>();
    Frame frame = tokens.begin();
    Expression filtered =
        expressions.operands().filter(operands.namedFilter(new Statements.Captured(body, frame)));
    body.addAll(block("endfilter"));
    tokens.end();
    return new Statements.Output(filtered, line);
  }

  private Statement with() {
    List<Target> targets = new ArrayList<>();
    List<Expression> values = new ArrayList<>();
    while (!tokens.is("block_end")) {
      if (!targets.isEmpty()) {
        tokens.expect(",");
      }
      targets.add(new Target.Name(variable()));
      tokens.expect("=");
      values.add(expressions.expression());
    }
    Frame frame = begin(new Target.Several(targets));
    List<Statement> body = block("endwith");
    tokens.end();
    return new Statements.With(targets, values, body, frame);
  }

  private Statement generation(int line) {
    int outer = loops;
    loops = 0;
    Frame frame = tokens.begin();
    List<Statement> body = block("endgeneration");
    tokens.end();
    loops = outer;
    return new Statements.Generation(body, frame, line);
  }

  private Statement macro() {
    String name = variable();
    tokens.frame().set(name);
    List<String> parameters = new ArrayList<>();
    List<Expression> defaults = new ArrayList<>();
    Frame frame = tokens.begin();
    tokens.expect("(");
    while (!tokens.is(")")) {
      if (!parameters.isEmpty()) {
        tokens.expect(",");
      }
      parameters.add(variable());
      frame.read(parameters.get(parameters.size() - 1));
      if (tokens.skip("=")) {
        defaults.add(expressions.expression());
      } else if (!defaults.isEmpty()) {
        throw tokens.error("a parameter without a default behind one with a default");
      }
    }
    tokens.next();
    int outer = loops;
    loops = 0;
    List<Statement> body = block("endmacro");
    tokens.end();
    loops = outer;
    return new Statements.Macro(name, parameters, defaults, body, frame);
  }

  private String variable() {
    String name = tokens.expectName();
    if (CONSTANTS.contains(name)) {
      throw tokens.error("cannot assign to " + name);
    }
    return name;
  }

  /** What is assigned to, up to a name. */
  private Target target(String endName) {
    List<Target> targets = new ArrayList<>();
    boolean several = false;
    while (true) {
      if (!targets.isEmpty()) {
        tokens.expect(",");
      }
      if (tokens.is("block_end") || tokens.is(")") || tokens.is("=") || tokens.isName(endName)) {
        break;
      }
      targets.add(single());
      if (!tokens.is(",")) {
        break;
      }
      several = true;
    }
    if (targets.isEmpty()) {
      throw tokens.error("expected a name, got " + tokens.current());
    }
    return several ? new Target.Several(targets) : targets.get(0);
  }

  private Target single() {
    if (tokens.skip("(")) {
      Target inner = target("");
      tokens.expect(")");
      return inner;
    }
    String name = variable();
    if (tokens.skip(".")) {
      tokens.frame().read(name);
      return new Target.Attribute(name, tokens.expectName());
    }
    return new Target.Name(name);
  }
}
