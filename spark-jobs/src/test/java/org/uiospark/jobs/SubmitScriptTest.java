package org.uiospark.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Runs {@code submit.sh} from a folder of its own, with a spark-submit that prints its allocator,
 * locale and words.
 */
class SubmitScriptTest {
  private static final int STATUS_OF_SPARK = 7;

  @TempDir Path folder;
  private Path project;
  private Path out;
  private Path err;
  private final Map<String, String> environment = new TreeMap<>();

  @BeforeEach
  void projectThatIsBuilt() throws IOException {
    project = Files.createDirectories(folder.resolve("a project"));
    out = folder.resolve("out");
    err = folder.resolve("err");
    Files.copy(Path.of("..", "submit.sh"), project.resolve("submit.sh"));
    Files.createDirectories(project.resolve("conf"));
    Files.createFile(project.resolve("conf/uio.conf"));
    Files.createFile(project.resolve("pom.xml"));
    Files.createDirectories(project.resolve("model/src/main"));
    Files.createFile(project.resolve("model/pom.xml"));
    Path dist = Files.createDirectories(project.resolve("spark-jobs/target/dist"));
    Files.createFile(Files.createDirectories(dist.resolve("lib")).resolve("ours.jar"));
    Files.writeString(dist.resolve("built"), "cpu\n");
    Path spark = folder.resolve("spark");
    executable(
        spark.resolve("bin/spark-submit"),
        "env | grep -E '^(MALLOC_|LC_|LANG|CUDA_)'; printf '%s\\n' \"$@\" && exit "
            + STATUS_OF_SPARK);
    environment.put("SPARK_HOME", spark.toString());
    environment.put("JAVA_HOME", System.getProperty("java.home"));
  }

  @Test
  void masterIsTakenFromAnywhereAndTheRestGoesToTheCommand() throws Exception {
    int status = submit("train", "--steps", "3", "--master", "local[2]", "--data", "a b", "");

    assertThat(status).isEqualTo(STATUS_OF_SPARK);
    List<String> words = Files.readAllLines(out);
    assertThat(words)
        .containsSequence("--class", "org.uiospark.jobs.Main", "--master", "local[2]")
        .endsWith("spark-internal", "train", "--steps", "3", "--data", "a b", "");
  }

  @ParameterizedTest
  @CsvSource({
    "local, local",
    "local[*], local",
    "local[16], local",
    "'local[*,4]', local",
    "'local-cluster[2,1,2048]', standalone",
    "spark://host:7077, standalone",
    "'spark://one:7077,two:7077', standalone",
    "yarn, yarn",
    "k8s://https://host:6443, kubernetes"
  })
  void masterPicksTheProfile(String master, String profile) throws Exception {
    assertThat(submit("prep", "--master=" + master)).isEqualTo(STATUS_OF_SPARK);
    assertThat(Files.readAllLines(out))
        .containsSequence("--properties-file", project + "/conf/profiles/" + profile + ".conf");
    assertThat(Files.exists(Path.of("..", "conf", "profiles", profile + ".conf"))).isTrue();
  }

  @Test
  void aClusterIsSentTheAssemblyUnlessItReadsItOnThisMachine() throws Exception {
    String assembly = project + "/spark-jobs/target/dist/uio-spark-assembly.jar";

    submit("prep");
    assertThat(Files.readAllLines(out)).containsSequence("spark-internal", "prep");
    submit("prep", "--master", "yarn");
    assertThat(Files.readAllLines(out)).containsSequence(assembly, "prep");
    submit("prep", "--master", "spark://127.0.0.1:7077");
    assertThat(Files.readAllLines(out)).containsSequence("local:" + assembly, "prep");
  }

  @Test
  void sparkSettingsComeOnTopOfTheProfile() throws Exception {
    submit("train", "--spark", "spark.executor.memory=9g", "--steps", "3", "--spark=spark.a=b=c");
    assertThat(Files.readAllLines(out))
        .containsSequence("--conf", "spark.executor.memory=9g")
        .containsSequence("--conf", "spark.a=b=c")
        .endsWith("train", "--steps", "3");

    assertThat(submit("train", "--spark=executor.memory=9g")).isEqualTo(2);
    assertThat(err).content().contains("--spark needs KEY=VALUE").hasLineCount(1);
  }

  @Test
  void whatTheUserSetsOfTheAllocatorIsKept() throws Exception {
    environment.put("MALLOC_TRIM_THRESHOLD_", "1000");

    submit("train");
    assertThat(Files.readAllLines(out))
        .contains("spark.executorEnv.MALLOC_TRIM_THRESHOLD_=1000")
        .contains("spark.executorEnv.MALLOC_TOP_PAD_=67108864")
        .contains("MALLOC_TRIM_THRESHOLD_=1000");

    submit("prep", "--spark", "spark.executorEnv.MALLOC_ARENA_MAX=4");
    assertThat(Files.readAllLines(out))
        .containsSubsequence(
            "spark.executorEnv.MALLOC_ARENA_MAX=1024", "spark.executorEnv.MALLOC_ARENA_MAX=4");
  }

  @Test
  void yarnBoundsTheArenasOfItsContainersUnlessTheUserDoes() throws Exception {
    submit("prep", "--master", "yarn");
    assertThat(Files.readAllLines(out))
        .contains("MALLOC_ARENA_MAX=1024")
        .noneMatch(word -> word.startsWith("spark.executorEnv.MALLOC_ARENA_MAX"));

    environment.put("MALLOC_ARENA_MAX", "8");
    submit("prep", "--master", "yarn");
    assertThat(Files.readAllLines(out)).contains("spark.executorEnv.MALLOC_ARENA_MAX=8");
  }

  @ParameterizedTest
  @CsvSource({"LANG,", "LANG, C", "LC_ALL, POSIX", "LC_CTYPE, C", "LANG, xx_XX.UTF-8"})
  void whereTheLocaleHasOnlyAsciiItBecomesOneOfUtf8(String name, String value) throws Exception {
    environment.put("LANG", "C.UTF-8");
    environment.put(name, value == null ? "" : value);

    submit("prep", "--master", "spark://host:7077");
    assertThat(Files.readAllLines(out))
        .contains("LC_ALL=C.UTF-8", "spark.executorEnv.LC_ALL=C.UTF-8");
  }

  @Test
  void aLocaleOfTheUsersOwnStays() throws Exception {
    environment.put("LANG", "C.utf8");

    submit("prep", "--spark", "spark.executorEnv.LC_ALL=de_DE.UTF-8");
    assertThat(Files.readAllLines(out))
        .contains("LANG=C.utf8")
        .noneMatch(line -> line.startsWith("LC_ALL="))
        .containsSubsequence(
            "spark.executorEnv.LC_ALL=C.UTF-8", "spark.executorEnv.LC_ALL=de_DE.UTF-8");
  }

  @Test
  void driverAndExecutorsFormatNumbersAsProtocolsWantThem() throws Exception {
    submit("prep");

    assertThat(Files.readAllLines(out))
        .filteredOn(word -> word.contains("-Dai.djl.offline=true"))
        .hasSize(2)
        .allMatch(word -> word.contains(" -Duser.language.format=en "));
  }

  @Test
  void gpusAreNumberedAsTheyAreLentUnlessTheUserDoes() throws Exception {
    submit("train");
    assertThat(Files.readAllLines(out))
        .contains("CUDA_DEVICE_ORDER=PCI_BUS_ID")
        .contains("spark.executorEnv.CUDA_DEVICE_ORDER=PCI_BUS_ID");

    environment.put("CUDA_DEVICE_ORDER", "FASTEST_FIRST");
    submit("train");
    assertThat(Files.readAllLines(out))
        .contains("spark.executorEnv.CUDA_DEVICE_ORDER=FASTEST_FIRST");
  }

  @Test
  void theMastersOfYarnAndKubernetesGetTheLocaleToo() throws Exception {
    submit("prep", "--master", "yarn");
    assertThat(Files.readAllLines(out)).contains("spark.yarn.appMasterEnv.LC_ALL=C.UTF-8");

    submit("prep", "--master", "k8s://https://host:6443");
    assertThat(Files.readAllLines(out)).contains("spark.kubernetes.driverEnv.LC_ALL=C.UTF-8");
  }

  @Tag("cluster")
  @Test
  void withoutALocaleNoDocumentIsLostForItsNameAndTheOutputHasItsOwn() throws Exception {
    List<String> java = ChildJvm.command("512m");
    executable(
        folder.resolve("spark/bin/spark-submit"),
        "while [[ $1 != spark-internal ]]; do shift; done; shift\n'"
            + String.join("' '", java)
            + "' -Dspark.master=local[1] -Dspark.ui.enabled=false org.uiospark.jobs.Main \"$@\"");
    environment.put("LC_ALL", "POSIX");
    // The names come from the shell, for this JVM may not be able to give them.
    Path script = folder.resolve("cron.sh");
    executable(
        script,
        """
        mkdir in
        echo 'The boy ran home.' >in/plain.txt
        echo 'The girl ran home.' >$'in/caf\\xc3\\xa9.txt'
        "$SUBMIT" prep --input in --output $'o\\xc3\\xa9' --tokenizer "$TOKENIZER" \\
          --segment-length 8 --min-segments 1 >&2 || exit
        cat $'o\\xc3\\xa9/state.json'""");
    environment.put("SUBMIT", project.resolve("submit.sh").toString());
    environment.put(
        "TOKENIZER", CommandInput.TINY.resolve("tokenizer.json").toAbsolutePath().toString());

    assertThat(run(List.of(script.toString()))).as(Files.readString(err)).isZero();
    assertThat(new ObjectMapper().readTree(out.toFile()).at("/uio/sequences").asInt()).isEqualTo(2);
  }

  @Test
  void aHeapThatNoJvmTakesIsRefusedInOneLine() throws Exception {
    for (String memory : List.of("4", "4gb", "0g", "much")) {
      environment.put("UIO_DRIVER_MEMORY", memory);
      assertThat(submit("train")).isEqualTo(2);
      assertThat(err)
          .content()
          .contains("UIO_DRIVER_MEMORY is '" + memory + "'", "such as 4g")
          .hasLineCount(1);
    }
    environment.put("UIO_DRIVER_MEMORY", "1500m");
    submit("train");
    assertThat(Files.readAllLines(out)).containsSequence("--driver-memory", "1500m");
  }

  @Test
  void unknownMasterIsRefusedInOneLine() throws Exception {
    for (String master : List.of("loca", "local[", "local[0]", "local[2x]", "spark://host")) {
      assertThat(submit("prep", "--master", master)).isEqualTo(2);
      assertThat(err)
          .content()
          .startsWith("submit.sh: --master '" + master + "' is not known")
          .hasLineCount(1);
    }
    assertThat(submit("prep", "--master")).isEqualTo(2);
    assertThat(err).content().contains("needs a URL").hasLineCount(1);
  }

  @Test
  void missingAndOldJavaAreRefusedInOneLine() throws Exception {
    environment.put("JAVA_HOME", folder.resolve("none").toString());
    assertThat(submit("prep")).isEqualTo(2);
    assertThat(err).content().contains("install Java 17 or newer").hasLineCount(1);

    executable(folder.resolve("old/bin/java"), "echo '    java.specification.version = 1.8' >&2");
    environment.put("JAVA_HOME", folder.resolve("old").toString());
    assertThat(submit("prep")).isEqualTo(2);
    assertThat(err).content().contains("is Java 1.8", "install Java 17").hasLineCount(1);
  }

  @Test
  void changedSourcesAreBuiltFirstAndUnchangedOnesAreNot() throws Exception {
    maven("mkdir -p spark-jobs/target/dist && echo built with \"$@\"");
    Files.delete(project.resolve("spark-jobs/target/dist/built"));

    assertThat(submit("prep")).isEqualTo(STATUS_OF_SPARK);
    assertThat(err).content().contains("built with -q -B").contains("package");
    assertThat(out).content().doesNotContain("built with");

    assertThat(submit("prep")).isEqualTo(STATUS_OF_SPARK);
    assertThat(err).isEmptyFile();
  }

  @Test
  void anotherLibtorchIsBuiltInPlaceOfTheOneBefore() throws Exception {
    maven("mkdir -p spark-jobs/target/dist && echo built with \"$@\"");
    environment.put("UIO_LIBTORCH", "cuda");

    assertThat(submit("prep")).isEqualTo(STATUS_OF_SPARK);
    assertThat(err).content().contains("-Dcuda package");
    assertThat(project.resolve("spark-jobs/target/dist/lib/ours.jar")).doesNotExist();
    assertThat(submit("prep")).isEqualTo(STATUS_OF_SPARK);
    assertThat(err).isEmptyFile();

    environment.put("UIO_LIBTORCH", "gpu");
    assertThat(submit("prep")).isEqualTo(2);
    assertThat(err).content().contains("UIO_LIBTORCH is 'gpu'", "cuda").hasLineCount(1);
  }

  @Test
  void aBuildLeavesTheClassesOfASmallRunToTheRunsBehindIt() throws Exception {
    embeddedSpark("echo classes");
    Path archive = project.resolve("spark-jobs/target/dist/classes.jsa");

    assertThat(submit("train", "--steps", "3")).isZero();
    assertThat(archive).hasContent("classes");
    assertThat(Files.readAllLines(out))
        .startsWith("-XX:SharedArchiveFile=" + archive)
        .endsWith("train", "--steps", "3");
    // A cluster's driver has another class path.
    submit("train", "--master", "spark://host:7077");
    assertThat(out).content().contains("spark://host:7077").doesNotContain("classes.jsa");
    assertThat(archive.getParent()).isDirectoryNotContaining("glob:**/run.*");
  }

  @Test
  void aSmallRunThatFailsIsMissedByNobody() throws Exception {
    embeddedSpark("echo half; exit 1");

    assertThat(submit("train", "--steps", "3")).isZero();
    assertThat(out).content().doesNotContain("classes.jsa").endsWith("train\n--steps\n3\n");
    assertThat(err).content().startsWith("submit.sh: building").hasLineCount(1);
    assertThat(project.resolve("spark-jobs/target/dist"))
        .isDirectoryNotContaining("glob:**/{run.*,classes.jsa}");
  }

  @Test
  void failedBuildEndsWithOne() throws Exception {
    maven("exit 5");
    Files.delete(project.resolve("spark-jobs/target/dist/built"));

    assertThat(submit("prep")).isEqualTo(1);
    assertThat(err).content().contains("the build failed");
  }

  private int submit(String... words) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of(project.resolve("submit.sh").toString()));
    command.addAll(List.of(words));
    return run(command);
  }

  private int run(List<String> command) throws IOException, InterruptedException {
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .directory(folder.toFile())
            .redirectOutput(out.toFile())
            .redirectError(err.toFile());
    builder.environment().keySet().removeIf(name -> name.matches("(MALLOC_|LC_|LANG|CUDA_).*"));
    builder.environment().putAll(environment);
    return builder.start().waitFor();
  }

  /**
   * A build is due; behind it a Java stands for Spark's launcher, and for a driver that prints its
   * words.
   *
   * @param leave how the driver writes the archive of its classes, where it is to leave one
   */
  private void embeddedSpark(String leave) throws IOException {
    maven("mkdir -p spark-jobs/target/dist");
    Files.delete(project.resolve("spark-jobs/target/dist/built"));
    executable(
        folder.resolve("embedded/bin/java"),
        """
        case "$*" in
          *-XshowSettings*) echo '    java.specification.version = 17' >&2 ;;
          *launcher.Main*)
            while [[ $1 != *.SparkSubmit ]]; do shift; done
            printf '\\0\\n%s\\0' "$0"
            printf '%s\\0' "${@:2}"
            ;;
          *-XX:ArchiveClassesAtExit=*)
            words=$*
            file=${words#*AtExit=}
            (LEAVE) >"${file%%\\"*}"
            ;;
          *) printf '%s\\n' "$@" ;;
        esac"""
            .replace("LEAVE", leave));
    environment.put("JAVA_HOME", folder.resolve("embedded").toString());
    environment.put("SPARK_HOME", "");
  }

  /** A Maven that does this in place of a build. */
  private void maven(String line) throws IOException {
    Path maven = folder.resolve("maven/mvn");
    executable(maven, line);
    environment.put("PATH", maven.getParent() + ":" + System.getenv("PATH"));
  }

  private static void executable(Path file, String script) throws IOException {
    Files.createDirectories(file.getParent());
    Files.writeString(file, "#!/usr/bin/env bash\n" + script + "\n", StandardCharsets.UTF_8);
    assertThat(file.toFile().setExecutable(true)).isTrue();
  }
}
