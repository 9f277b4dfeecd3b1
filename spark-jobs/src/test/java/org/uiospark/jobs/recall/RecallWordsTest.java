package org.uiospark.jobs.recall;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.uiospark.data.settings.RecordFields;
import org.uiospark.data.settings.TextReading;
import org.uiospark.model.text.TextTokenizer;

/** What training sees and what the test asks share no name, no key, no wording and no number. */
class RecallWordsTest {
  private static final Path TOKENIZER =
      Path.of("src/main/resources/org/uiospark/jobs/quickstart/model/tokenizer.json");
  private static final List<String> NAMES =
      List.of("people", "things", "adjectives", "places", "variables");
  private static final Pattern WORD = Pattern.compile("\\p{L}+");
  private static final Pattern NUMBER = Pattern.compile("\\d+");

  @Test
  void noNameOfASplitStandsAnywhereInTheOther() {
    for (String split : List.of("train", "test")) {
      Set<String> names = names(split);
      assertThat(names).hasSizeGreaterThan(50);
      String other = split.equals("train") ? "test" : "train";
      for (String text : texts(RecallSolver.words(other))) {
        assertThat(words(text)).as(text).doesNotContainAnyElementsOf(names);
      }
    }
  }

  @Test
  void noWordingAndNoSentenceOfAFillerStandsInBoth() {
    Set<String> train = sentences("train");
    Set<String> test = sentences("test");

    assertThat(train).hasSizeGreaterThan(60).doesNotContainAnyElementsOf(test);
    // Nor does what stands between the names of a wording, where it says something.
    for (String fragment : fragments("test")) {
      assertThat(train).noneMatch(text -> text.contains(fragment));
    }
    for (String fragment : fragments("train")) {
      assertThat(test).noneMatch(text -> text.contains(fragment));
    }
  }

  @Test
  void everyListHasNothingTwice() {
    for (String split : List.of("train", "test")) {
      for (JsonNode list : RecallSolver.words(split)) {
        List<String> all = new ArrayList<>();
        list.forEach(each -> all.add(each.toString()));
        assertThat(all).doesNotHaveDuplicates().isNotEmpty();
      }
    }
  }

  @ParameterizedTest
  @EnumSource(RecallTask.class)
  void noCaseOfASplitHoldsANumberANameOrAWordingOfTheOther(RecallTask task) {
    RecallBooks filler =
        new RecallBooks(List.of(), new TextReading(RecordFields.ofText("text"), 0.001));
    try (TextTokenizer tokenizer = TextTokenizer.load(TOKENIZER)) {
      for (Split split : Split.values()) {
        String other = split == Split.TRAIN ? "test" : "train";
        Set<String> names = names(other);
        Set<String> fragments = fragments(other);
        for (long seed = 0; seed < 40; seed++) {
          RecallCases cases =
              new RecallCases(tokenizer, filler, new Configuration(), split, seed, "lengths");
          for (int i = 0; i < 3; i++) {
            RecallCase made = cases.of(task, 400, i / 2.0, i);
            String all = made.text() + made.question() + made.answer().text();
            assertThat(words(all)).doesNotContainAnyElementsOf(names);
            assertThat(fragments).noneMatch(all::contains);
            for (String number : found(NUMBER, all)) {
              // Seven and three, as the base was trained.
              assertThat(Integer.parseInt(number) % 7 == 3)
                  .as(number)
                  .isEqualTo(split == Split.TEST);
            }
          }
        }
      }
    }
  }

  private static Set<String> names(String split) {
    Set<String> names = new HashSet<>();
    for (String list : NAMES) {
      RecallSolver.words(split).get(list).forEach(name -> names.add(name.asText()));
    }
    return names;
  }

  /** All texts of a split. */
  private static List<String> texts(JsonNode node) {
    List<String> texts = new ArrayList<>();
    if (node.isTextual()) {
      texts.add(node.asText().replaceAll("\\{\\w}", " "));
    }
    node.forEach(each -> texts.addAll(texts(each)));
    return texts;
  }

  /** Wordings as they are, and each sentence of the fillers. */
  private static Set<String> sentences(String split) {
    Set<String> sentences = new HashSet<>();
    for (String list :
        List.of("lone", "numbers", "values", "facts", "lines", "bindings", "phrases", "openings")) {
      for (JsonNode wording : RecallSolver.words(split).get(list)) {
        if (wording.isTextual()) {
          sentences.add(wording.asText());
        }
        wording.forEach(part -> sentences.add(part.asText()));
      }
    }
    for (JsonNode filler : RecallSolver.words(split).get("fillers")) {
      sentences.addAll(Arrays.asList(filler.asText().split("(?<=\\.) ")));
    }
    return sentences;
  }

  /** Runs of at least two words between names, and whole words that are rare enough. */
  private static Set<String> fragments(String split) {
    Set<String> fragments = new HashSet<>();
    for (String sentence : sentences(split)) {
      for (String part : sentence.split("\\{\\w}")) {
        List<String> words = found(WORD, part);
        if (words.size() > 1 && words.stream().anyMatch(word -> word.length() > 4)) {
          fragments.add(part.strip());
        }
      }
    }
    return fragments;
  }

  private static Set<String> words(String text) {
    return new HashSet<>(found(WORD, text));
  }

  private static List<String> found(Pattern pattern, String text) {
    return pattern.matcher(text).results().map(MatchResult::group).toList();
  }
}
