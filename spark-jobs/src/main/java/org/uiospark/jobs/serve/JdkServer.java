package org.uiospark.jobs.serve;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.uiospark.model.input.InvalidInputException;

/** The server of the JDK, with bounds for connections and the time that each may take. */
final class JdkServer {
  /** Connections at once, each with a thread; those beyond are closed as soon as they are made. */
  private static final int CONNECTIONS = 512;

  private static final int BACKLOG = 128;

  private JdkServer() {}

  /**
   * One that listens as soon as it is started.
   *
   * @throws InvalidInputException if the port is taken
   */
  static HttpServer create(InetSocketAddress address, Limits limits) {
    // The server reads these when its first class is loaded. It closes what takes longer.
    System.setProperty("sun.net.httpserver.maxReqTime", String.valueOf(limits.clientSeconds()));
    System.setProperty(
        "sun.net.httpserver.maxRspTime",
        String.valueOf(limits.requestSeconds() + limits.clientSeconds()));
    System.setProperty("jdk.httpserver.maxConnections", String.valueOf(CONNECTIONS));
    // Else an event waits for the client's word that the one before has come.
    System.setProperty("sun.net.httpserver.nodelay", "true");
    HttpServer server = bound(address);
    server.setExecutor(
        new ThreadPoolExecutor(
            0,
            2 * CONNECTIONS,
            1,
            TimeUnit.MINUTES,
            new SynchronousQueue<>(),
            work -> {
              Thread thread = new Thread(work, "serve-connection");
              thread.setDaemon(true);
              return thread;
            }));
    return server;
  }

  private static HttpServer bound(InetSocketAddress address) {
    try {
      return HttpServer.create(address, BACKLOG);
    } catch (BindException e) {
      throw new InvalidInputException(
          address + " cannot be listened at: " + e.getMessage() + "; give another --port", e);
    } catch (IOException e) {
      throw new InvalidInputException(address + ": " + e.getMessage(), e);
    }
  }
}
