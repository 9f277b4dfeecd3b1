package org.uiospark.jobs.serve;

import org.uiospark.model.reading.MemoryReader;
import org.uiospark.model.reading.TextGenerator;
import org.uiospark.model.text.StreamedText;

/** Continues prompts, as {@code generate} does. */
final class Completions {
  private final ServedModel model;
  private final MemoryShelf memories;
  private final Limits limits;
  private final Metrics metrics;

  Completions(ServedModel model, MemoryShelf memories, Limits limits, Metrics metrics) {
    this.model = model;
    this.memories = memories;
    this.limits = limits;
    this.metrics = metrics;
  }

  /**
   * Answers one request; any number of threads may each do so.
   *
   * @throws Refusal if its prompt is too long, or its memory is not there
   * @throws Reply.NotWantedException as soon as nobody waits for it
   */
  void answer(CompletionRequest request, Reply reply) {
    String prompt =
        request.form() == Form.CHAT
            ? model.prompt(request.body())
            : CompletionRequest.prompt(request.body());
    int[] ids = model.tokens(prompt, limits.promptTokens());
    if (request.memory().isEmpty()) {
      try (MemoryReader reader = model.reader()) {
        generate(request, reader, ids, ids.length, reply);
      }
      return;
    }
    MemoryShelf.Bank bank = memories.take(request.memory());
    try {
      int[] behind = model.encoder().behind(bank.rest(), prompt);
      generate(
          request,
          bank.reader(),
          behind,
          bank.text().tokens() - bank.rest().length + behind.length,
          reply);
    } catch (Reply.NotWantedException e) {
      // Nothing is wrong with the memories.
      memories.giveBack(bank);
      throw e;
    } catch (RuntimeException | Error e) {
      bank.reader().close();
      throw e;
    }
    memories.giveBack(bank);
  }

  /**
   * @param ids that are still to be read
   * @param promptTokens with those that were
   */
  private void generate(
      CompletionRequest request, MemoryReader reader, int[] ids, long promptTokens, Reply reply) {
    reply.requireWanted();
    metrics.countPrompt(ids.length);
    StreamedText text = new StreamedText(model.tokenizer()::decode, ids);
    int count =
        new TextGenerator(model.memory(), model.adapter())
            .generate(
                reader,
                ids,
                request.maxNewTokens(),
                request.sampling(),
                token -> {
                  reply.requireWanted();
                  metrics.countToken();
                  say(reply, text.push(token));
                })
            .length;
    say(reply, text.finish());
    String reason = count == request.maxNewTokens() ? "length" : "stop";
    reply.say(new Reply.End(reason, promptTokens, count));
  }

  private static void say(Reply reply, String text) {
    if (!text.isEmpty()) {
      reply.say(new Reply.Text(text));
    }
  }
}
