package org.uiospark.jobs.report;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.WebSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** The tab of a {@link Browser}, over the DevTools protocol: as a reader looks at a page. */
final class BrowserTab implements AutoCloseable {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final long ANSWER_IN_SECONDS = 120;

  /** The colours that a reader's system asks for. */
  enum Scheme {
    LIGHT,
    DARK
  }

  private final WebSocket socket;
  private final BlockingQueue<JsonNode> messages;
  private final List<String> complaints = new ArrayList<>();
  private final List<String> requests = new ArrayList<>();
  private boolean scripts = true;
  private int commands;

  private BrowserTab(WebSocket socket, BlockingQueue<JsonNode> messages) {
    this.socket = socket;
    this.messages = messages;
  }

  static BrowserTab of(Browser browser) throws IOException, InterruptedException {
    HttpClient client = HttpClient.newHttpClient();
    URI list = URI.create("http://127.0.0.1:" + browser.port() + "/json/list");
    String tabs = client.send(HttpRequest.newBuilder(list).build(), BodyHandlers.ofString()).body();
    URI first = URI.create(JSON.readTree(tabs).get(0).get("webSocketDebuggerUrl").asText());
    BlockingQueue<JsonNode> messages = new LinkedBlockingQueue<>();
    WebSocket socket =
        client.newWebSocketBuilder().buildAsync(first, new Listener(messages)).join();
    BrowserTab tab = new BrowserTab(socket, messages);
    for (String domain : List.of("Page", "Runtime", "Log", "Network")) {
      tab.send(domain + ".enable", Map.of());
    }
    return tab;
  }

  /** Opens a file in a window that wide, and waits until it is loaded. */
  void open(Path page, Scheme scheme, int width) throws IOException, InterruptedException {
    resize(width, 900);
    prefer(scheme);
    send("Page.navigate", Map.of("url", page.toUri().toString()));
    while (!take().path("method").asText().equals("Page.loadEventFired")) {
      // What comes before it is noted.
    }
  }

  void resize(int width, int height) throws IOException, InterruptedException {
    send(
        "Emulation.setDeviceMetricsOverride",
        Map.of("width", width, "height", height, "deviceScaleFactor", 1, "mobile", false));
  }

  void prefer(Scheme scheme) throws IOException, InterruptedException {
    String value = scheme.name().toLowerCase(Locale.ROOT);
    send(
        "Emulation.setEmulatedMedia",
        Map.of("features", List.of(Map.of("name", "prefers-color-scheme", "value", value))));
  }

  /** Keeps scripts of pages from running from now on. */
  void withoutScripts() throws IOException, InterruptedException {
    scripts = false;
    send("Emulation.setScriptExecutionDisabled", Map.of("value", true));
  }

  /** What a block of JavaScript returns, after the page was painted. */
  JsonNode see(String block) throws IOException, InterruptedException {
    String value = "(() => " + block + ")()";
    String painted =
        "new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => done("
            + value
            + "))))";
    JsonNode answer =
        send(
            "Runtime.evaluate",
            Map.of(
                "expression",
                scripts ? painted : value,
                "awaitPromise",
                scripts,
                "returnByValue",
                true));
    if (answer.has("exceptionDetails")) {
      throw new IOException(answer.get("exceptionDetails").toString());
    }
    return answer.get("result").path("value");
  }

  /** Moves the mouse to a point of the window. */
  void hover(double x, double y) throws IOException, InterruptedException {
    send("Input.dispatchMouseEvent", Map.of("type", "mouseMoved", "x", x, "y", y));
  }

  /** The whole page as PNG. */
  byte[] photograph() throws IOException, InterruptedException {
    JsonNode answer =
        send("Page.captureScreenshot", Map.of("format", "png", "captureBeyondViewport", true));
    return Base64.getDecoder().decode(answer.get("data").asText());
  }

  /** Errors and messages of the console so far. */
  List<String> complaints() {
    return complaints;
  }

  /** What was asked for so far, but for data within the page. */
  List<String> requests() {
    return requests;
  }

  private JsonNode send(String method, Map<String, ?> parameters)
      throws IOException, InterruptedException {
    int id = ++commands;
    ObjectNode command = JSON.createObjectNode().put("id", id).put("method", method);
    command.set("params", JSON.valueToTree(parameters));
    socket.sendText(command.toString(), true).join();
    JsonNode message = take();
    while (message.path("id").asInt() != id) {
      message = take();
    }
    if (message.has("error")) {
      throw new IOException(method + ": " + message.get("error"));
    }
    return message.get("result");
  }

  private JsonNode take() throws IOException, InterruptedException {
    JsonNode message = messages.poll(ANSWER_IN_SECONDS, TimeUnit.SECONDS);
    if (message == null) {
      throw new IOException("the browser does not answer");
    }
    switch (message.path("method").asText()) {
      case "Log.entryAdded", "Runtime.exceptionThrown", "Runtime.consoleAPICalled" ->
          complaints.add(message.get("params").toString());
      case "Network.requestWillBeSent" -> {
        String url = message.get("params").get("request").get("url").asText();
        if (!url.startsWith("data:")) {
          requests.add(url);
        }
      }
      default -> {}
    }
    return message;
  }

  @Override
  public void close() {
    socket.abort();
  }

  /** Puts the parts of each message together. */
  private static final class Listener implements WebSocket.Listener {
    private final BlockingQueue<JsonNode> messages;
    private final StringBuilder text = new StringBuilder();

    Listener(BlockingQueue<JsonNode> messages) {
      this.messages = messages;
    }

    @Override
    public CompletionStage<?> onText(WebSocket webSocket, CharSequence data, boolean last) {
      text.append(data);
      if (last) {
        try {
          messages.add(JSON.readTree(text.toString().getBytes(StandardCharsets.UTF_8)));
        } catch (IOException e) {
          throw new IllegalStateException("not JSON: " + text, e);
        } finally {
          text.setLength(0);
        }
      }
      webSocket.request(1);
      return null;
    }
  }
}
