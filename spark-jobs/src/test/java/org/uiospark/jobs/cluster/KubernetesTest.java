package org.uiospark.jobs.cluster;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.api.model.Volume;
import io.fabric8.kubernetes.api.model.VolumeMount;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.FileUtil;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.uiospark.jobs.S3Server;

/** The profile for Kubernetes, submitted to a mock API server, and held to conf/README.md. */
@Tag("cluster")
@Timeout(value = 10, unit = TimeUnit.MINUTES)
class KubernetesTest {
  private static final int STEPS = 3;
  private static final Pattern CODE = Pattern.compile("`([^`]+)`");
  private static final Pattern SETTING = Pattern.compile("--spark (spark\\.\\S+)");

  @TempDir static Path folder;
  private static EmbeddedSubmit submit;
  private static String readme;

  @BeforeAll
  static void dataAndSubmit() throws Exception {
    ClusterTest.prepare(folder);
    submit = EmbeddedSubmit.in(folder.resolve("a project"));
    readme = Files.readString(SubmittedRun.here().resolve("conf/README.md"));
  }

  /** JUnit would warn of every link. */
  @AfterAll
  static void delete() {
    FileUtil.fullyDelete(submit.project().toFile());
  }

  @Test
  void thePodsAreWhatTheReadmeSays() throws Exception {
    TrainingDriver driver =
        new TrainingDriver(folder.resolve("data"), folder.resolve("asked"), STEPS, STEPS);
    List<String> words = words(driver, TrainingDriver.MODEL);
    exampleSettings().forEach(setting -> words.addAll(List.of("--spark", setting)));
    List<Pod> pods;
    try (ApiServer server = new ApiServer()) {
      Process process = submit.start(Map.of(), driver.log(), on(server, words));
      pods = awaitPods(server, process, driver);
      end(process);
      assertThat(server.pods()).as("pods of a driver that ended").isEmpty();
    }

    assertThat(pods).hasSize(Integer.parseInt(promised("pods").get(0)));
    for (Pod pod : pods) {
      Container container = pod.getSpec().getContainers().get(0);
      assertThat(container.getArgs()).containsExactly("executor");
      assertThat(container.getImage()).isEqualTo(promised("image").get(0));
      Map<String, Quantity> requests = container.getResources().getRequests();
      Map<String, Quantity> limits = container.getResources().getLimits();
      Quantity memory = new Quantity(promised("memory, requested and limit").get(0));
      assertThat(requests)
          .containsOnlyKeys("cpu", "memory")
          .containsEntry("cpu", new Quantity(promised("CPUs, requested").get(0)));
      assertThat(requests.get("memory")).isEqualByComparingTo(memory);
      String gpus = promised("GPUs, limit").get(0);
      assertThat(limits).containsOnlyKeys("memory", gpus).containsEntry(gpus, new Quantity("1"));
      assertThat(limits.get("memory")).isEqualByComparingTo(memory);
      assertThat(environment(container).get(promised("secret of the connections").get(0)))
          .satisfies(secret -> assertThat(secret.getValue()).hasSizeGreaterThan(16));
      assertMounts(pod, container);
      assertFromSecret(container, "AWS_ACCESS_KEY_ID", "aws", "id");
      assertFromSecret(container, "AWS_SECRET_ACCESS_KEY", "aws", "key");
      assertThat(environment(container).get("UIO_CACHE_DIR").getValue())
          .isEqualTo(promised("folder of copied base models").get(0));
    }
  }

  @Test
  void podsOfTheProfileTrainAsALocalRunDoesOnAModelThatTheirSecretOpens() throws Exception {
    TrainingDriver local =
        new TrainingDriver(folder.resolve("data"), folder.resolve("local"), STEPS, STEPS);
    local.awaitDone(
        local.start(Map.of("spark.master", "local[1]", "spark.driver.host", "127.0.0.1")));

    // In the digits of another locale the server would write dates that no client reads.
    Locale formats = Locale.getDefault(Locale.Category.FORMAT);
    Locale.setDefault(Locale.Category.FORMAT, Locale.ENGLISH);
    S3Server s3 = new S3Server(1);
    try (ApiServer server = new ApiServer();
        Kubelet node =
            new Kubelet(
                server, Files.createDirectories(folder.resolve("node")), submit.sparkJars())) {
      s3.createBucket("models");
      upload(s3);
      server.client().secrets().inNamespace("default").resource(secret()).create();
      TrainingDriver driver =
          new TrainingDriver(folder.resolve("data"), folder.resolve("pods"), STEPS, STEPS);
      List<String> words = words(driver, "s3a://models/llama");
      List<String> settings = new ArrayList<>();
      exampleSettings().stream()
          .filter(setting -> setting.contains("secretKeyRef"))
          .forEach(settings::add);
      settings.addAll(
          List.of(
              "spark.executor.cores=1",
              "spark.executor.memory=1g",
              "spark.hadoop.fs.s3a.endpoint=" + s3.endpoint(),
              "spark.hadoop.fs.s3a.endpoint.region=us-east-1",
              "spark.hadoop.fs.s3a.path.style.access=true"));
      settings.forEach(setting -> words.addAll(List.of("--spark", setting)));
      Map<String, String> environment =
          Map.of(
              "AWS_ACCESS_KEY_ID", S3Server.KEY,
              "AWS_SECRET_ACCESS_KEY", S3Server.SECRET,
              "UIO_CACHE_DIR", folder.resolve("cache").toString());

      int status = submit.start(environment, driver.log(), on(server, words)).waitFor();

      assertThat(status).as(() -> driver.lines()).isZero();
      assertThat(driver.sum()).isEqualTo(local.sum());
      assertThat(server.pods()).isEmpty();
      assertThat(server.configMaps()).isEmpty();
      assertThat(server.asked())
          .filteredOn(state -> !state.contains("\"kind\":\"Secret\""))
          .isNotEmpty()
          .noneMatch(state -> state.contains(S3Server.SECRET))
          .noneMatch(state -> state.contains(promised("GPUs, limit").get(0)));
      assertThat(node.said()).doesNotContain(S3Server.SECRET);
    } finally {
      s3.stop();
      Locale.setDefault(Locale.Category.FORMAT, formats);
    }
  }

  /** Every mount is one of the table, with the volume that it says, or the claim of the example. */
  private static void assertMounts(Pod pod, Container container) {
    Map<String, Volume> volumes =
        pod.getSpec().getVolumes().stream()
            .collect(Collectors.toMap(Volume::getName, each -> each));
    List<String> paths = new ArrayList<>();
    for (VolumeMount mount : container.getVolumeMounts()) {
      String path = mount.getMountPath();
      paths.add(path);
      Volume volume = volumes.get(mount.getName());
      if (path.equals("/models")) {
        assertThat(volume.getPersistentVolumeClaim().getClaimName()).isEqualTo("models");
        assertThat(mount.getReadOnly()).isTrue();
      } else if (path.equals(promised("folder of settings").get(0))) {
        assertThat(volume.getConfigMap()).isNotNull();
      } else {
        assertThat(volume.getEmptyDir()).as(path).isNotNull();
        assertThat(volume.getEmptyDir().getMedium()).as("on disk, not in memory").isNullOrEmpty();
      }
    }
    assertThat(paths)
        .hasSize(4)
        .contains(
            "/models",
            promised("folder of settings").get(0),
            promised("folder of copied base models").get(0))
        .anyMatch(
            path ->
                path.matches(
                    promised("folder of shuffle files").get(0).replace("*", "[0-9a-f-]+")));
  }

  private static void assertFromSecret(
      Container container, String variable, String secret, String key) {
    EnvVar found = environment(container).get(variable);
    assertThat(found.getValue()).isNull();
    assertThat(found.getValueFrom().getSecretKeyRef().getName()).isEqualTo(secret);
    assertThat(found.getValueFrom().getSecretKeyRef().getKey()).isEqualTo(key);
  }

  private static Map<String, EnvVar> environment(Container container) {
    return container.getEnv().stream().collect(Collectors.toMap(EnvVar::getName, each -> each));
  }

  /** What is set in code type in the second column of a row of the table. */
  private static List<String> promised(String what) {
    Matcher row =
        Pattern.compile("^\\| " + Pattern.quote(what) + " \\|([^|]*)\\|", Pattern.MULTILINE)
            .matcher(readme);
    assertThat(row.find()).as("a row '%s' in conf/README.md", what).isTrue();
    return codes(row.group(1));
  }

  private static List<String> codes(String text) {
    return CODE.matcher(text).results().map(found -> found.group(1)).toList();
  }

  /** The Spark settings of the example for Kubernetes. */
  private static List<String> exampleSettings() {
    String example =
        Pattern.compile("```\n(.*?)```", Pattern.DOTALL)
            .matcher(readme)
            .results()
            .map(found -> found.group(1))
            .filter(block -> block.contains("secretKeyRef"))
            .findFirst()
            .orElseThrow();
    return SETTING.matcher(example).results().map((MatchResult found) -> found.group(1)).toList();
  }

  private static List<String> words(TrainingDriver driver, String model) {
    List<String> words = new ArrayList<>(driver.words(model));
    // The mock server and the pods are on this machine.
    words.addAll(List.of("--spark", "spark.driver.host=127.0.0.1"));
    words.addAll(List.of("--spark", "spark.driver.bindAddress=127.0.0.1"));
    words.addAll(List.of("--spark", "spark.ui.enabled=false"));
    return words;
  }

  private static List<String> on(ApiServer server, List<String> words) {
    List<String> all = new ArrayList<>(List.of("--master", server.master()));
    all.addAll(words);
    return all;
  }

  private static List<Pod> awaitPods(ApiServer server, Process process, TrainingDriver driver)
      throws Exception {
    int expected = Integer.parseInt(promised("pods").get(0));
    while (server.pods().size() < expected) {
      assertThat(process.isAlive()).as(() -> driver.lines()).isTrue();
      Thread.sleep(100);
    }
    // Those that are one too many would come with them.
    Thread.sleep(2000);
    return server.pods();
  }

  /** The first signal lets the step end, which it cannot; the second ends the driver. */
  private static void end(Process process) throws InterruptedException {
    do {
      process.destroy();
    } while (!process.waitFor(2, TimeUnit.SECONDS));
  }

  private static Secret secret() {
    return new SecretBuilder()
        .withNewMetadata()
        .withName("aws")
        .endMetadata()
        .addToData("id", base64(S3Server.KEY))
        .addToData("key", base64(S3Server.SECRET))
        .build();
  }

  private static String base64(String text) {
    return Base64.getEncoder().encodeToString(text.getBytes(UTF_8));
  }

  private static void upload(S3Server s3) throws Exception {
    Configuration configuration = new Configuration();
    configuration.set("fs.s3a.endpoint", s3.endpoint());
    configuration.set("fs.s3a.endpoint.region", "us-east-1");
    configuration.set("fs.s3a.path.style.access", "true");
    configuration.set("fs.s3a.access.key", S3Server.KEY);
    configuration.set("fs.s3a.secret.key", S3Server.SECRET);
    try (FileSystem files = FileSystem.newInstance(URI.create("s3a://models"), configuration)) {
      for (String name : List.of("config.json", "model.safetensors", "tokenizer.json")) {
        files.copyFromLocalFile(
            new org.apache.hadoop.fs.Path(Path.of(TrainingDriver.MODEL, name).toUri()),
            new org.apache.hadoop.fs.Path("/llama/" + name));
      }
    }
  }
}
