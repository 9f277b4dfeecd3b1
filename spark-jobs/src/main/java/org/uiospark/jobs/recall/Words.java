package org.uiospark.jobs.recall;

import java.util.List;

/**
 * The names and wordings of a split.
 *
 * @param people who facts are about
 * @param things that have numbers, or that people have
 * @param adjectives of things
 * @param places where people are
 * @param variables that have values
 * @param phrases what stands in a line
 * @param lone a number that belongs to nothing
 * @param numbers a number that belongs to a thing
 * @param values one of several numbers that belong to a thing
 * @param facts of people
 * @param lines a line and its number
 * @param bindings of variables
 * @param openings what a text begins with
 * @param fillers a few sentences, to be repeated
 */
record Words(
    List<String> people,
    List<String> things,
    List<String> adjectives,
    List<String> places,
    List<String> variables,
    List<String> phrases,
    List<Wording> lone,
    List<Wording> numbers,
    List<Wording> values,
    List<Wording> facts,
    List<Wording> lines,
    List<Binding> bindings,
    List<String> openings,
    List<String> fillers) {

  /** All that a name in a wording may stand for. */
  List<String> named(String name) {
    return switch (name) {
      case "p", "q" -> people;
      case "t" -> things;
      case "a" -> adjectives;
      case "l" -> places;
      default -> throw new IllegalArgumentException(name);
    };
  }
}
