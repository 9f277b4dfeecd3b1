package org.uiospark.jobs;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Holds the packages, the rooms of this house, to what their package-infos say. The last sentence
 * of each is the rule: {@code May use: a, b.} or {@code May use no other room.}, with rooms named
 * by what follows {@code org.uiospark}.
 */
class RoomsTest {
  private static final String ROOT = "org.uiospark.";
  private static final List<Path> SOURCES =
      Stream.of("../model", "../data-prep", "../spark-jobs")
          .map(module -> Path.of(module, "src/main/java"))
          .toList();
  private static final Pattern RULE =
      Pattern.compile("May use(?: no other room|: ((?:\\{@code [a-z.]+},?\\s*)+))\\.\\s*\\*?/");
  private static final Pattern ROOM = Pattern.compile("\\{@code ([a-z.]+)}");
  private static final int MOST_FILES = 20;
  private static final int MOST_LINES = 350;

  private static JavaClasses all;

  @BeforeAll
  static void read() {
    all =
        new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages("org.uiospark");
  }

  /** The source files of each room. */
  static Map<String, List<Path>> rooms() throws IOException {
    Map<String, List<Path>> rooms = new TreeMap<>();
    for (Path source : SOURCES) {
      try (Stream<Path> files = Files.walk(source)) {
        for (Path file : files.filter(path -> path.toString().endsWith(".java")).toList()) {
          String name = source.relativize(file.getParent()).toString().replace('/', '.');
          rooms.computeIfAbsent(name.substring(ROOT.length()), room -> new ArrayList<>()).add(file);
        }
      }
    }
    return rooms;
  }

  static List<String> roomNames() throws IOException {
    return List.copyOf(rooms().keySet());
  }

  @ParameterizedTest
  @MethodSource("roomNames")
  void aRoomUsesWhatItsPackageInfoSays(String room) throws IOException {
    String[] allowed =
        Stream.concat(Stream.of(room), mayUse(room).stream())
            .map(ROOT::concat)
            .toArray(String[]::new);

    classes()
        .that()
        .resideInAPackage(ROOT + room)
        .should()
        .onlyDependOnClassesThat(resideInAnyPackage(allowed).or(not(resideInAPackage(ROOT + "."))))
        .because("the package-info of " + room + " says so")
        .check(all);
  }

  private static List<String> mayUse(String room) throws IOException {
    List<Path> files = rooms().get(room);
    assertThat(files).map(file -> file.getFileName().toString()).contains("package-info.java");
    Path info = files.get(0).resolveSibling("package-info.java");
    String text = Files.readString(info).replaceAll("\\n\\s*\\*(?!/)", "");
    Matcher rule = RULE.matcher(text);
    assertThat(rule.find()).as("the last sentence of %s is the rule: %s", info, text).isTrue();
    if (rule.group(1) == null) {
      return List.of();
    }
    List<String> named =
        ROOM.matcher(rule.group(1)).results().map((MatchResult found) -> found.group(1)).toList();
    assertThat(rooms()).as("rooms that %s names", info).containsKeys(named.toArray(String[]::new));
    return named;
  }

  @Test
  void noRoomsUseEachOther() {
    slices().matching(ROOT + "(**)").should().beFreeOfCycles().check(all);
  }

  @Test
  void modulesUseThoseBelowThem() {
    noClasses()
        .that()
        .resideInAPackage(ROOT + "model..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(
            ROOT + "data..",
            ROOT + "jobs..",
            "org.apache.spark..",
            "org.apache.hadoop..",
            "scala..")
        .check(all);
    noClasses()
        .that()
        .resideInAPackage(ROOT + "data..")
        .should()
        .dependOnClassesThat()
        .resideInAPackage(ROOT + "jobs..")
        .check(all);
  }

  @Test
  void everyModuleIsLookedAt() {
    assertThat(all)
        .map(type -> type.getPackageName().substring(ROOT.length()).replaceFirst("\\..*", ""))
        .contains("model", "data", "jobs");
  }

  @Test
  void noRoomIsTooFullAndNoSourceTooLong() throws IOException {
    Map<String, Integer> full = new TreeMap<>();
    Map<String, Integer> lengthy = new TreeMap<>();
    for (Map.Entry<String, List<Path>> room : rooms().entrySet()) {
      full.put(room.getKey(), room.getValue().size());
      for (Path file : room.getValue()) {
        lengthy.put(file.toString(), Files.readAllLines(file).size());
      }
    }

    assertThat(above(MOST_FILES, full)).as("rooms of more than %d files", MOST_FILES).isEmpty();
    assertThat(above(MOST_LINES, lengthy)).as("more than %d lines", MOST_LINES).isEmpty();
  }

  private static Map<String, Integer> above(int most, Map<String, Integer> counts) {
    return counts.entrySet().stream()
        .filter(count -> count.getValue() > most)
        .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue));
  }
}
