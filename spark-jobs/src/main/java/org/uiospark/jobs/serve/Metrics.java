package org.uiospark.jobs.serve;

import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.LongAdder;

/** Counts since the start, in the text format of Prometheus. */
final class Metrics {
  private final Map<String, LongAdder> requests = new ConcurrentSkipListMap<>();
  private final LongAdder nanos = new LongAdder();
  private final LongAdder answered = new LongAdder();
  private final LongAdder cut = new LongAdder();
  private final LongAdder promptTokens = new LongAdder();
  private final LongAdder newTokens = new LongAdder();
  private final LongAdder passes = new LongAdder();
  private final LongAdder cached = new LongAdder();
  private final LongAdder loaded = new LongAdder();

  /**
   * Counts a request.
   *
   * @param path one of the server's own: there are few
   */
  void countRequest(String path, int status, long tookNanos) {
    String labels = String.format(Locale.ROOT, "path=\"%s\",status=\"%d\"", path, status);
    requests.computeIfAbsent(labels, key -> new LongAdder()).increment();
    answered.increment();
    nanos.add(tookNanos);
  }

  /** Counts a connection that ended before its answer. */
  void countCut() {
    cut.increment();
  }

  void countPrompt(int tokens) {
    promptTokens.add(tokens);
  }

  void countToken() {
    newTokens.increment();
  }

  void countPass() {
    passes.increment();
  }

  void countCached() {
    cached.increment();
  }

  void countLoaded() {
    loaded.increment();
  }

  /**
   * All of them.
   *
   * @param places that requests have now
   * @param cacheBytes of memories that no request reads now
   */
  String text(int places, long cacheBytes) {
    StringBuilder text = new StringBuilder();
    text.append("# HELP uio_requests_total Requests that were answered.\n");
    text.append("# TYPE uio_requests_total counter\n");
    requests.forEach(
        (labels, count) -> text.append(line("uio_requests_total{" + labels + "}", count.sum())));
    text.append(
        "# HELP uio_request_seconds Time from the head of a request to its answer's end.\n");
    text.append("# TYPE uio_request_seconds summary\n");
    text.append(line("uio_request_seconds_sum", nanos.sum() / 1e9));
    text.append(line("uio_request_seconds_count", answered.sum()));
    add(
        text,
        "counter",
        "uio_connections_cut_total",
        "Connections that ended before an answer.",
        cut.sum());
    add(
        text,
        "counter",
        "uio_prompt_tokens_total",
        "Tokens of prompts that were read.",
        promptTokens.sum());
    add(text, "counter", "uio_new_tokens_total", "Tokens that were generated.", newTokens.sum());
    add(
        text,
        "counter",
        "uio_passes_total",
        "Passes of the decoder, each for a token of some answers.",
        passes.sum());
    add(
        text,
        "counter",
        "uio_memories_cached_total",
        "Memories that were in the cache.",
        cached.sum());
    add(
        text,
        "counter",
        "uio_memories_loaded_total",
        "Memories that were read from a file.",
        loaded.sum());
    add(text, "gauge", "uio_places_taken", "Requests that are computed or wait.", places);
    add(text, "gauge", "uio_memory_cache_bytes", "Memories that no request reads.", cacheBytes);
    return text.toString();
  }

  private static void add(StringBuilder text, String kind, String name, String help, long value) {
    text.append("# HELP ").append(name).append(' ').append(help).append('\n');
    text.append("# TYPE ").append(name).append(' ').append(kind).append('\n');
    text.append(line(name, value));
  }

  private static String line(String name, Object value) {
    return name + ' ' + value + '\n';
  }
}
