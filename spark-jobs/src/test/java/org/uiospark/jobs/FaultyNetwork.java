package org.uiospark.jobs;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.LongConsumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What lies between a client and an HTTP server on this machine: it hands bytes on as they come,
 * one request a connection, takes its time, spoils some of the requests, and counts them.
 */
final class FaultyNetwork implements Closeable {
  private static final Pattern LENGTH = Pattern.compile("(?i)\r\ncontent-length: *(\\d+)");
  private static final Pattern CHUNKED = Pattern.compile("(?i)\r\ntransfer-encoding: *chunked");
  private static final Pattern EXPECTS = Pattern.compile("(?i)\r\nexpect: *100-continue");
  private static final byte[] CONTINUE =
      "HTTP/1.1 100 Continue\r\n\r\n".getBytes(StandardCharsets.ISO_8859_1);
  private static final Pattern CONNECTION = Pattern.compile("(?i)\r\nconnection: [^\r]*");

  /** What happens to a request. */
  enum Fault {
    /** The server is broken for a moment. */
    ERROR,
    /** The server asks for fewer requests. */
    SLOW_DOWN,
    /** The connection breaks while the request is on its way. */
    CUT_REQUEST,
    /** The server has done what it was told, and the answer breaks off. */
    CUT_ANSWER
  }

  /**
   * A request that was answered.
   *
   * @param request method and path, as {@code GET /a/b}
   * @param bytes of the body of the answer
   */
  record Exchange(String request, long bytes) {}

  private final ServerSocket socket = new ServerSocket(0, 200, InetAddress.getLoopbackAddress());
  private final ExecutorService threads =
      Executors.newCachedThreadPool(
          work -> {
            Thread thread = new Thread(work, "faulty-network");
            thread.setDaemon(true);
            return thread;
          });
  private final int server;
  private final Random random;
  private final Map<Fault, Integer> faults = new EnumMap<>(Fault.class);
  private final List<Exchange> exchanges = new ArrayList<>();
  private volatile long delay;
  private double share;
  private int requests;
  private String lost;

  /**
   * @param server port of the server
   * @param seed which requests are spoilt follows from it
   */
  FaultyNetwork(int server, long seed) throws IOException {
    this.server = server;
    this.random = new Random(seed);
    threads.execute(this::accept);
  }

  int port() {
    return socket.getLocalPort();
  }

  /** Spoils that share of the requests from here on. */
  synchronized void spoil(double newShare) {
    share = newShare;
  }

  /** Loses the answer to the next request that starts with {@code line}, as {@code PUT /a}. */
  synchronized void loseAnswer(String line) {
    lost = line;
  }

  /** Milliseconds that each request takes longer from here on. */
  void delay(long millis) {
    delay = millis;
  }

  /** What was asked for and answered since the last call. */
  synchronized List<Exchange> exchanges() {
    List<Exchange> since = List.copyOf(exchanges);
    exchanges.clear();
    return since;
  }

  synchronized int requests() {
    return requests;
  }

  synchronized Map<Fault, Integer> faults() {
    return new EnumMap<>(faults);
  }

  @Override
  public void close() throws IOException {
    socket.close();
    threads.shutdownNow();
  }

  private void accept() {
    try {
      while (true) {
        Socket client = socket.accept();
        threads.execute(() -> handle(client));
      }
    } catch (IOException e) {
      // Closed: the test is over.
      threads.shutdown();
    }
  }

  private void handle(Socket client) {
    try (client;
        Socket to = new Socket(InetAddress.getLoopbackAddress(), server)) {
      String head = head(client.getInputStream());
      if (head.isEmpty()) {
        return;
      }
      Thread.sleep(delay);
      Fault fault = next(head);
      if (fault == Fault.ERROR) {
        refuse(client, "500 Internal Server Error", "InternalError");
        return;
      }
      if (fault == Fault.SLOW_DOWN) {
        refuse(client, "503 Slow Down", "SlowDown");
        return;
      }
      to.getOutputStream().write(head.getBytes(StandardCharsets.ISO_8859_1));
      if (fault == Fault.CUT_REQUEST) {
        if (EXPECTS.matcher(head).find()) {
          // The client waits for this word of the server before it sends the body.
          client.getOutputStream().write(CONTINUE);
        }
        copy(client.getInputStream(), to.getOutputStream(), length(head) / 2);
        return;
      }
      threads.execute(() -> pump(client, to));
      answer(
          to.getInputStream(),
          client.getOutputStream(),
          head.startsWith("HEAD"),
          fault,
          bytes -> answered(head, bytes));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (IOException e) {
      // Either side has gone; closing the sockets tells the other.
    }
  }

  private synchronized void answered(String head, long bytes) {
    String line = head.substring(0, head.indexOf("\r\n"));
    exchanges.add(new Exchange(line.substring(0, line.lastIndexOf(' ')), bytes));
  }

  private synchronized Fault next(String head) {
    requests++;
    Fault fault = null;
    if (lost != null && head.startsWith(lost)) {
      lost = null;
      fault = Fault.CUT_ANSWER;
    } else if (random.nextDouble() < share) {
      fault = Fault.values()[random.nextInt(Fault.values().length)];
      if (fault == Fault.CUT_ANSWER && head.startsWith("POST ") && head.contains("uploadId=")) {
        // The test server, unlike S3, cannot be told twice that an upload is complete.
        fault = Fault.CUT_REQUEST;
      }
    }
    if (fault != null) {
      faults.merge(fault, 1, Integer::sum);
    }
    return fault;
  }

  private static void refuse(Socket client, String status, String code) throws IOException {
    String body = "<Error><Code>" + code + "</Code><Message>injected</Message></Error>";
    String answer =
        String.format(
            Locale.ROOT,
            "HTTP/1.1 %s\r\nContent-Type: application/xml\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%s",
            status,
            body.length(),
            body);
    client.getOutputStream().write(answer.getBytes(StandardCharsets.ISO_8859_1));
    client.shutdownOutput();
    // What the client still sends is read, or a reset would overtake the answer.
    client.setSoTimeout(2000);
    client.getInputStream().transferTo(OutputStream.nullOutputStream());
  }

  private static void pump(Socket from, Socket to) {
    try {
      from.getInputStream().transferTo(to.getOutputStream());
    } catch (IOException e) {
      // The request is answered, or broken on the other side.
    }
  }

  /**
   * Hands an answer on up to its end, or up to the half of its body, or not at all without one.
   *
   * @param count gets the bytes of its body, before the client has all of them
   */
  private static void answer(
      InputStream from, OutputStream client, boolean bare, Fault fault, LongConsumer count)
      throws IOException {
    String head = head(from);
    while (head.startsWith("HTTP/1.1 100")) {
      client.write(head.getBytes(StandardCharsets.ISO_8859_1));
      head = head(from);
    }
    boolean cut = fault == Fault.CUT_ANSWER;
    boolean chunked = !bare && CHUNKED.matcher(head).find();
    long body = bare ? 0 : length(head);
    if (cut && !chunked && body < 2) {
      return;
    }
    if (!chunked) {
      count.accept(body);
    }
    String last = CONNECTION.matcher(head).replaceAll("");
    last = last.replaceFirst("\r\n", "\r\nConnection: close\r\n");
    client.write(last.getBytes(StandardCharsets.ISO_8859_1));
    if (!chunked) {
      copy(from, client, cut ? body / 2 : body);
      return;
    }
    long all = 0;
    long chunk;
    do {
      String size = line(from);
      chunk = Long.parseLong(size.strip(), 16);
      if (chunk == 0) {
        count.accept(all);
      }
      client.write(size.getBytes(StandardCharsets.ISO_8859_1));
      copy(from, client, cut ? chunk / 2 : chunk + 2);
      all += chunk;
    } while (chunk > 0 && !cut);
  }

  private static String line(InputStream from) throws IOException {
    StringBuilder line = new StringBuilder();
    for (int next = from.read(); next >= 0; next = from.read()) {
      line.append((char) next);
      if (next == '\n') {
        break;
      }
    }
    return line.toString();
  }

  /** All up to the empty line. */
  private static String head(InputStream from) throws IOException {
    StringBuilder head = new StringBuilder();
    String line;
    do {
      line = line(from);
      head.append(line);
    } while (line.length() > 2);
    return head.toString();
  }

  private static long length(String head) {
    Matcher length = LENGTH.matcher(head);
    return length.find() ? Long.parseLong(length.group(1)) : 0;
  }

  private static void copy(InputStream from, OutputStream to, long bytes) throws IOException {
    for (long done = 0; done < bytes; ) {
      byte[] chunk = from.readNBytes((int) Math.min(8192, bytes - done));
      if (chunk.length == 0) {
        return;
      }
      to.write(chunk);
      done += chunk.length;
    }
  }
}
