package org.uiospark.jobs.cluster;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.SecretKeySelector;
import io.fabric8.kubernetes.api.model.VolumeMount;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/**
 * A node of a Kubernetes cluster: runs each executor pod that its API server holds as a process of
 * this machine, with the environment and the volumes that the pod asks for, as the entry point of
 * Spark's image does. Nothing else of this JVM reaches the process.
 */
final class Kubelet implements AutoCloseable {
  private static final String JAVA_OPTION = "SPARK_JAVA_OPT_";

  private final KubernetesClient client;
  private final Path folder;
  private final String image;
  private final Map<String, Process> running = new ConcurrentHashMap<>();
  private final ScheduledExecutorService loop = Executors.newSingleThreadScheduledExecutor();

  /**
   * @param folder for volumes and logs
   * @param jars those of Spark in the image
   */
  Kubelet(ApiServer server, Path folder, Path jars) {
    this.client = server.client();
    this.folder = folder;
    this.image = jars + "/*";
    loop.scheduleWithFixedDelay(this::look, 0, 100, TimeUnit.MILLISECONDS);
  }

  private void look() {
    try {
      reconcile();
    } catch (KubernetesClientException e) {
      // The driver may delete a pod while it is looked at; the next look is soon.
    }
  }

  private void reconcile() {
    Map<String, Pod> wanted =
        client.pods().inAnyNamespace().list().getItems().stream()
            .collect(Collectors.toMap(pod -> pod.getMetadata().getName(), pod -> pod));
    wanted.forEach(
        (name, pod) -> {
          if (!running.containsKey(name)) {
            running.put(name, start(pod));
            tell(pod, "Running");
          } else if (!running.get(name).isAlive() && isRunning(pod)) {
            tell(pod, running.get(name).exitValue() == 0 ? "Succeeded" : "Failed");
          }
        });
    running.forEach(
        (name, process) -> {
          if (!wanted.containsKey(name)) {
            process.destroy();
          }
        });
  }

  private static boolean isRunning(Pod pod) {
    return pod.getStatus() != null && "Running".equals(pod.getStatus().getPhase());
  }

  private void tell(Pod pod, String phase) {
    client
        .pods()
        .resource(pod)
        .editStatus(
            now -> new PodBuilder(now).editOrNewStatus().withPhase(phase).endStatus().build());
  }

  private Process start(Pod pod) {
    Container container = pod.getSpec().getContainers().get(0);
    Map<String, String> environment = environment(pod, container);
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    // The user of the image has no home folder; nobody can make one here.
    command.add("-Duser.home=/proc/nonexistent");
    command.add("-Djava.io.tmpdir=" + mounted(pod, "tmp"));
    command.addAll(javaOptions(environment));
    command.add("-Xms" + environment.get("SPARK_EXECUTOR_MEMORY"));
    command.add("-Xmx" + environment.get("SPARK_EXECUTOR_MEMORY"));
    command.addAll(List.of("-cp", environment.get("SPARK_CONF_DIR") + ":" + image));
    command.add("org.apache.spark.scheduler.cluster.k8s.KubernetesExecutorBackend");
    command.addAll(List.of("--driver-url", environment.get("SPARK_DRIVER_URL")));
    command.addAll(List.of("--executor-id", environment.get("SPARK_EXECUTOR_ID")));
    command.addAll(List.of("--cores", environment.get("SPARK_EXECUTOR_CORES")));
    command.addAll(List.of("--app-id", environment.get("SPARK_APPLICATION_ID")));
    command.addAll(List.of("--hostname", environment.get("SPARK_EXECUTOR_POD_IP")));
    command.addAll(List.of("--resourceProfileId", environment.get("SPARK_RESOURCE_PROFILE_ID")));
    command.addAll(List.of("--podName", environment.get("SPARK_EXECUTOR_POD_NAME")));
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .directory(mounted(pod, "work").toFile())
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve(pod.getMetadata().getName() + ".log").toFile());
    builder.environment().clear();
    builder.environment().put("PATH", System.getenv("PATH"));
    builder.environment().putAll(environment);
    try {
      return builder.start();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static List<String> javaOptions(Map<String, String> environment) {
    return environment.keySet().stream()
        .filter(name -> name.startsWith(JAVA_OPTION))
        .sorted(
            Comparator.comparingInt(name -> Integer.parseInt(name.substring(JAVA_OPTION.length()))))
        .map(environment::get)
        .toList();
  }

  private Map<String, String> environment(Pod pod, Container container) {
    Map<String, String> environment = new TreeMap<>();
    for (EnvVar variable : container.getEnv()) {
      String value = value(pod, variable);
      for (VolumeMount mount : container.getVolumeMounts()) {
        if (value.equals(mount.getMountPath())) {
          value = mounted(pod, mount.getName()).toString();
        }
      }
      environment.put(variable.getName(), value);
    }
    return environment;
  }

  private String value(Pod pod, EnvVar variable) {
    if (variable.getValueFrom() == null) {
      return variable.getValue() == null ? "" : variable.getValue();
    }
    SecretKeySelector secret = variable.getValueFrom().getSecretKeyRef();
    if (secret != null) {
      String data =
          client
              .secrets()
              .inNamespace(pod.getMetadata().getNamespace())
              .withName(secret.getName())
              .get()
              .getData()
              .get(secret.getKey());
      return new String(Base64.getDecoder().decode(data), UTF_8);
    }
    String field = variable.getValueFrom().getFieldRef().getFieldPath();
    return switch (field) {
      case "status.podIP" -> "127.0.0.1";
      case "metadata.name" -> pod.getMetadata().getName();
      default -> throw new IllegalStateException("no field " + field + " in a pod");
    };
  }

  /** Where a volume of a pod lies on this machine. */
  private Path mounted(Pod pod, String volume) {
    try {
      return Files.createDirectories(folder.resolve(pod.getMetadata().getName()).resolve(volume));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** What the executors said. */
  String said() throws IOException {
    StringBuilder said = new StringBuilder();
    for (String name : Set.copyOf(running.keySet())) {
      said.append(Files.readString(folder.resolve(name + ".log")));
    }
    return said.toString();
  }

  @Override
  public void close() {
    loop.shutdownNow();
    running.values().forEach(Process::destroyForcibly);
  }
}
