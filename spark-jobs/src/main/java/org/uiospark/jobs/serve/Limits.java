package org.uiospark.jobs.serve;

import org.uiospark.jobs.settings.Settings;

/**
 * What a server does at most.
 *
 * @param workers threads that compute
 * @param batch prompts that a worker continues together
 * @param queue requests that wait for a worker
 * @param bodyBytes of a request
 * @param promptTokens of a prompt, what is memorized not among them
 * @param documentTokens of a text to memorize
 * @param newTokens of an answer
 * @param cacheBytes of memories that no request reads
 * @param clientSeconds for a request to come in
 * @param requestSeconds from then to the end of its answer
 * @param stopSeconds for requests that are there when the process is asked to end
 */
record Limits(
    int workers,
    int batch,
    int queue,
    int bodyBytes,
    int promptTokens,
    int documentTokens,
    int newTokens,
    long cacheBytes,
    int clientSeconds,
    int requestSeconds,
    int stopSeconds) {
  /**
   * Reads and checks them.
   *
   * @param cores workers where the settings leave their number open
   */
  static Limits of(Settings settings, int cores) {
    return new Limits(
        settings.integerOrAuto("serve.workers").orElse(cores),
        settings.integer("serve.batch"),
        settings.integer("serve.queue"),
        (int) settings.bytes("serve.max-body"),
        settings.integer("serve.max-prompt-tokens"),
        settings.integer("serve.max-document-tokens"),
        settings.integer("serve.max-new-tokens"),
        settings.bytes("serve.cache"),
        settings.integer("serve.client-seconds"),
        settings.integer("serve.request-seconds"),
        settings.integer("serve.stop-seconds"));
  }
}
