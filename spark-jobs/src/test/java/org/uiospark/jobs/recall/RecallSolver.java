package org.uiospark.jobs.recall;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.uiospark.model.input.InputJson;

/**
 * Reads a case as a careful reader would: it knows the wordings of a split, looks for the one that
 * the question has, and for the lines of the text that belong to it. Nothing of the code that makes
 * cases is used.
 */
final class RecallSolver {
  private static final Path WORDS =
      Path.of("src/main/resources/org/uiospark/jobs/recall/words.json");
  private static final Map<String, String> LISTS =
      Map.of(
          "passkey", "lone",
          "needle", "numbers",
          "needles", "numbers",
          "values", "values",
          "variables", "bindings",
          "facts", "facts",
          "lines", "lines");
  private static final Pattern SLOT = Pattern.compile("\\{(\\w)}");

  /**
   * What was found.
   *
   * @param answers in the order of the text
   * @param lines those that tell them, counted from 0
   * @param hidden all lines that are no haystack
   */
  record Solution(List<String> answers, List<Integer> lines, Set<Integer> hidden) {}

  private record Told(int line, Map<String, String> names) {}

  private RecallSolver() {}

  static JsonNode words(String split) {
    return InputJson.object(WORDS).get(split);
  }

  static Solution solve(String split, String task, String text, String question) {
    List<Solution> solutions = new ArrayList<>();
    for (JsonNode wording : words(split).get(LISTS.get(task))) {
      String asked = wording.get("asked").asText();
      int slot = asked.lastIndexOf('{');
      Matcher matched =
          Pattern.compile(regex(asked.substring(0, slot).stripTrailing(), task)).matcher(question);
      if (matched.matches()) {
        Map<String, String> known = names(matched);
        Solution solution =
            task.equals("variables")
                ? variables(wording, text, known.get("v"))
                : told(wording, task, text, known, asked.substring(slot + 1, slot + 2));
        if (!solution.answers().isEmpty()) {
          solutions.add(solution);
        }
      }
    }
    if (solutions.size() != 1) {
      throw new AssertionError(
          solutions.size() + " readings of '" + question + "' behind: " + text);
    }
    return solutions.get(0);
  }

  private static Solution told(
      JsonNode wording, String task, String text, Map<String, String> known, String answer) {
    Set<Integer> hidden = new HashSet<>();
    List<String> answers = new ArrayList<>();
    List<Integer> lines = new ArrayList<>();
    for (Told told : all(wording.get("said").asText(), task, text)) {
      hidden.add(told.line());
      if (told.names().entrySet().containsAll(known.entrySet())) {
        answers.add(told.names().get(answer));
        lines.add(told.line());
      }
    }
    if (task.equals("facts") && !answers.isEmpty()) {
      int last = answers.size() - 1;
      return new Solution(answers.subList(last, last + 1), lines.subList(last, last + 1), hidden);
    }
    return new Solution(answers, lines, hidden);
  }

  private static Solution variables(JsonNode wording, String text, String asked) {
    Map<String, String> values = new HashMap<>();
    Map<String, Integer> found = new LinkedHashMap<>();
    Set<Integer> hidden = new HashSet<>();
    List<Told> firsts = all(wording.get("said").asText(), "variables", text);
    List<Told> copies = all(wording.get("copied").asText(), "variables", text);
    for (int line = 0; line < text.lines().count(); line++) {
      int at = line;
      firsts.stream()
          .filter(told -> told.line() == at)
          .forEach(told -> values.put(told.names().get("x"), told.names().get("v")));
      copies.stream()
          .filter(told -> told.line() == at)
          .forEach(told -> values.put(told.names().get("x"), values.get(told.names().get("y"))));
      for (Told told : concat(firsts, copies)) {
        if (told.line() == line) {
          hidden.add(line);
          if (asked.equals(values.get(told.names().get("x")))) {
            found.put(told.names().get("x"), line);
          }
        }
      }
    }
    return new Solution(List.copyOf(found.keySet()), List.copyOf(found.values()), hidden);
  }

  private static List<Told> concat(List<Told> some, List<Told> others) {
    List<Told> all = new ArrayList<>(some);
    all.addAll(others);
    return all;
  }

  private static List<Told> all(String said, String task, String text) {
    Pattern pattern = Pattern.compile(regex(said, task));
    List<Told> all = new ArrayList<>();
    List<String> lines = text.lines().toList();
    for (int i = 1; i < lines.size(); i++) {
      Matcher line = pattern.matcher(lines.get(i));
      if (line.matches()) {
        all.add(new Told(i, names(line)));
      }
    }
    return all;
  }

  private static String regex(String wording, String task) {
    StringBuilder regex = new StringBuilder();
    Set<String> met = new HashSet<>();
    Matcher slot = SLOT.matcher(wording);
    int end = 0;
    while (slot.find()) {
      regex.append(Pattern.quote(wording.substring(end, slot.start())));
      String name = slot.group(1);
      regex.append(
          met.add(name) ? "(?<" + name + ">" + form(name, task) + ")" : "\\k<" + name + ">");
      end = slot.end();
    }
    return regex.append(Pattern.quote(wording.substring(end))).toString();
  }

  private static String form(String name, String task) {
    return switch (name) {
      case "v" -> "\\d{5}";
      case "n" -> "\\d+";
      case "x", "y" -> task.equals("lines") ? ".+" : "[A-Z]";
      case "k" -> "[a-z]+ [a-z]+";
      case "p", "q" -> "[A-Z][a-z]+";
      default -> "[a-z]+";
    };
  }

  private static Map<String, String> names(Matcher found) {
    Map<String, String> names = new HashMap<>();
    for (String name : List.of("v", "n", "x", "y", "k", "p", "q", "t", "a", "l")) {
      try {
        names.put(name, found.group(name));
      } catch (IllegalArgumentException e) {
        // The wording has no such name.
        continue;
      }
    }
    return names;
  }
}
