package org.uiospark.jobs.cluster;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.server.mock.KubernetesCrudDispatcher;
import io.fabric8.kubernetes.client.server.mock.KubernetesMockServer;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.fabric8.mockwebserver.Context;
import io.fabric8.mockwebserver.MockWebServer;
import io.fabric8.mockwebserver.crud.AttributeSet;
import java.net.InetAddress;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;

/** The API server of a Kubernetes cluster that has no nodes: it keeps what it is asked for. */
final class ApiServer implements AutoCloseable {
  private final List<String> asked = new CopyOnWriteArrayList<>();
  private final KubernetesMockServer server =
      new KubernetesMockServer(
          new Context(), new MockWebServer(), new HashMap<>(), new Store(), false);
  private final KubernetesClient client;

  /** A pod that was created is pending, as on every API server; the mock knows no status. */
  private final class Store extends KubernetesCrudDispatcher {
    @Override
    public void processEvent(
        String path,
        AttributeSet attributes,
        AttributeSet before,
        GenericKubernetesResource resource,
        String state) {
      String kept = state;
      if (before == null && state != null) {
        asked.add(state);
        if (resource.getKind().equals("Pod")) {
          resource.setAdditionalProperty("status", Map.of("phase", "Pending"));
          kept = Serialization.asJson(resource);
        }
      }
      super.processEvent(path, attributes, before, resource, kept);
    }
  }

  ApiServer() {
    server.init(InetAddress.getLoopbackAddress(), 0);
    client = server.createClient();
  }

  /** The master URL for spark-submit. */
  String master() {
    return "k8s://http://127.0.0.1:" + server.getPort();
  }

  KubernetesClient client() {
    return client;
  }

  /** What exists now, in every namespace. */
  List<Pod> pods() {
    return client.pods().inAnyNamespace().list().getItems();
  }

  List<ConfigMap> configMaps() {
    return client.configMaps().inAnyNamespace().list().getItems();
  }

  /** All that was ever created, as JSON. */
  List<String> asked() {
    return asked;
  }

  @Override
  public void close() {
    client.close();
    server.destroy();
  }
}
