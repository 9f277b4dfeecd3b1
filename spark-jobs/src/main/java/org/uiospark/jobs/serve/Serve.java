package org.uiospark.jobs.serve;

import java.io.PrintWriter;
import java.net.InetSocketAddress;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.SparkConf;
import org.apache.spark.util.SignalUtils;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.uiospark.data.storage.OutputFolder;
import org.uiospark.jobs.settings.Settings;
import org.uiospark.jobs.task.IdleCores;
import org.uiospark.model.input.InvalidInputException;
import scala.runtime.AbstractFunction0;

/** Answers over HTTP until the process is asked to end, by SIGTERM, or SIGINT of the keyboard. */
public final class Serve implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Serve.class);

  private final ServeSettings settings;
  private final ServedModel model;
  private final MemoryShelf memories;
  private final Workers workers;
  private final Endpoints endpoints;
  private final InetSocketAddress address;

  private Serve(ServeSettings settings, Configuration configuration) {
    this.settings = settings;
    OutputFolder folder = OutputFolder.of(settings.memories(), configuration);
    folder.requireWritable();
    this.model = ServedModel.load(settings, configuration);
    Metrics metrics = new Metrics();
    this.memories = new MemoryShelf(model, folder, configuration, settings.limits(), metrics);
    this.workers =
        new Workers(
            settings.limits(),
            (first, all) ->
                new CompletionBatch(model, memories, settings.limits(), metrics, all)
                    .answer(first));
    this.endpoints = new Endpoints(settings, workers, memories, metrics);
    try {
      this.address = endpoints.start();
    } catch (RuntimeException e) {
      model.close();
      throw e;
    }
  }

  /**
   * Serves.
   *
   * @param settings of the section {@code serve}
   * @param configuration for the file systems of adapter, model and memories
   * @param out gets one line as soon as requests are answered
   * @throws InvalidInputException if a file is missing, damaged or does not fit the model, the
   *     address is taken, or can be reached from elsewhere without a token; or if memory ran out
   */
  public static void run(Settings settings, Configuration configuration, PrintWriter out) {
    CompletableFuture<String> exhausted;
    try (Serve serve = start(settings, configuration)) {
      exhausted = serve.workers.exhausted();
      CompletableFuture<Void> asked = signals();
      out.println(serve.url() + " answers for " + serve.settings.name());
      out.flush();
      CompletableFuture.anyOf(asked, exhausted).join();
    }
    if (exhausted.isDone()) {
      throw new InvalidInputException(
          String.format(
              Locale.ROOT,
              "memory ran out: %s; lower --batch, --workers, --cache or --max-prompt-tokens, or take a machine with more",
              exhausted.join()));
    }
  }

  /** Begins to serve, as {@link #run} does; {@link #close} ends it. */
  public static Serve start(Settings settings, Configuration configuration) {
    return new Serve(
        ServeSettings.of(settings, IdleCores.ofDriver(new SparkConf())), configuration);
  }

  /** The second signal goes on to whoever handled it before: it ends the process at once. */
  private static CompletableFuture<Void> signals() {
    CompletableFuture<Void> asked = new CompletableFuture<>();
    for (String signal : new String[] {"TERM", "INT"}) {
      SignalUtils.register(
          signal,
          new AbstractFunction0<>() {
            @Override
            public Object apply() {
              return asked.complete(null);
            }
          });
    }
    return asked;
  }

  /** Where it listens. */
  public String url() {
    String host = address.getAddress().getHostAddress();
    return "http://" + (host.contains(":") ? "[" + host + "]" : host) + ":" + address.getPort();
  }

  /** Lets requests that are there come to their end, and ends. */
  @Override
  public void close() {
    LOG.info(
        "Ending: {} requests are answered, for {} s at most; again ends at once",
        workers.taken(),
        settings.limits().stopSeconds());
    boolean finished = false;
    try {
      finished = workers.finish(settings.limits().stopSeconds());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    endpoints.close();
    if (finished) {
      memories.close();
      model.close();
    } else {
      // Workers still compute with it, and end with the process.
      LOG.warn("Not all requests came to their end");
    }
  }
}
