package org.uiospark.jobs.serve;

import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.Map;
import org.uiospark.model.reading.Continuation;
import org.uiospark.model.reading.Continuations;
import org.uiospark.model.reading.Continuations.Ended;
import org.uiospark.model.reading.MemoryReader;
import org.uiospark.model.text.StreamedText;

/**
 * Prompts that one worker continues together, each as {@code generate} does. Whenever there is room
 * between two tokens, the request that waits longest joins; those that ask of one text share its
 * memories.
 */
final class CompletionBatch {
  private final ServedModel model;
  private final MemoryShelf memories;
  private final Limits limits;
  private final Metrics metrics;
  private final Workers workers;
  private final Map<Continuation, Answer> answers = new IdentityHashMap<>();
  private final Map<String, Shared> shared = new HashMap<>();

  /** Memories that some of the prompts follow. */
  private static final class Shared {
    final MemoryShelf.Bank bank;
    int prompts;

    Shared(MemoryShelf.Bank bank) {
      this.bank = bank;
    }
  }

  /**
   * A prompt and where it is read.
   *
   * @param memory id of the text that it follows; empty for none
   * @param reader stands behind whole segments
   * @param ids that are read next
   * @param tokens of all of it, with those that were memorized
   */
  private record Prompt(String memory, MemoryReader reader, int[] ids, long tokens) {}

  /** What becomes of a request. */
  private record Answer(Workers.Completing asked, Prompt prompt, StreamedText text) {
    Reply reply() {
      return asked.reply();
    }

    void end(Continuation continuation) {
      say(text.finish());
      int count = continuation.tokens().length;
      String reason = count == asked.request().maxNewTokens() ? "length" : "stop";
      reply().say(new Reply.End(reason, prompt.tokens(), count));
    }

    void say(String part) {
      if (!part.isEmpty()) {
        reply().say(new Reply.Text(part));
      }
    }
  }

  /** Without any prompt. */
  CompletionBatch(
      ServedModel model, MemoryShelf memories, Limits limits, Metrics metrics, Workers workers) {
    this.model = model;
    this.memories = memories;
    this.limits = limits;
    this.metrics = metrics;
    this.workers = workers;
  }

  /** Answers one request, and those that join it, until none is left. */
  void answer(Workers.Completing first) {
    try (Continuations running = new Continuations(model.memory(), model.adapter())) {
      begin(first, running);
      letJoin(running);
      while (running.size() > 0) {
        metrics.countPass();
        running.advance().forEach(this::end);
        letJoin(running);
      }
    } catch (RuntimeException | Error e) {
      // The pass of all of them failed.
      answers.values().forEach(answer -> workers.failed(answer.reply(), e));
    } finally {
      answers.values().forEach(answer -> release(answer.prompt()));
      shared.values().forEach(of -> memories.giveBack(of.bank));
    }
  }

  private void letJoin(Continuations running) {
    while (running.size() < limits.batch()) {
      Workers.Completing next = workers.nextCompletion();
      if (next == null) {
        return;
      }
      begin(next, running);
    }
  }

  private void begin(Workers.Completing asked, Continuations running) {
    try {
      asked.reply().requireWanted();
      Prompt prompt = prompt(asked.request());
      metrics.countPrompt(prompt.ids().length);
      begin(asked, prompt, running);
    } catch (RuntimeException | Error e) {
      workers.failed(asked.reply(), e);
    }
  }

  private void begin(Workers.Completing asked, Prompt prompt, Continuations running) {
    boolean goesOn = false;
    try {
      Answer answer =
          new Answer(asked, prompt, new StreamedText(model.tokenizer()::decode, prompt.ids()));
      Continuation continuation =
          new Continuation(
              model.memory(),
              asked.request().maxNewTokens(),
              asked.request().sampling(),
              token -> {
                asked.reply().requireWanted();
                metrics.countToken();
                answer.say(answer.text().push(token));
              });
      goesOn = running.begin(prompt.reader(), prompt.ids(), continuation);
      if (goesOn) {
        answers.put(continuation, answer);
      } else {
        answer.end(continuation);
      }
    } finally {
      if (!goesOn) {
        release(prompt);
      }
    }
  }

  /**
   * Where a prompt is read.
   *
   * @throws Refusal if it is too long, or its memory is not there
   */
  private Prompt prompt(CompletionRequest request) {
    String text =
        request.form() == Form.CHAT
            ? model.prompt(request.body())
            : CompletionRequest.prompt(request.body());
    int[] ids = model.tokens(text, limits.promptTokens());
    if (request.memory().isEmpty()) {
      MemoryReader reader = model.reader();
      try {
        return new Prompt("", reader, reader.compress(ids), ids.length);
      } catch (RuntimeException | Error e) {
        reader.close();
        throw e;
      }
    }
    Shared of = shared.get(request.memory());
    if (of == null) {
      of = new Shared(memories.take(request.memory()));
      shared.put(request.memory(), of);
    }
    MemoryShelf.Bank bank = of.bank;
    int[] behind = model.encoder().behind(bank.seam(), text);
    of.prompts++;
    long memorized = (long) bank.text().segments() * model.origin().segmentLength();
    return new Prompt(request.memory(), bank.reader(), behind, memorized + behind.length);
  }

  private void end(Ended ended) {
    Answer answer = answers.remove(ended.text());
    release(answer.prompt());
    if (ended.failure() == null) {
      answer.end(ended.text());
    } else {
      workers.failed(answer.reply(), ended.failure());
    }
  }

  private void release(Prompt prompt) {
    if (prompt.memory().isEmpty()) {
      prompt.reader().close();
      return;
    }
    Shared of = shared.get(prompt.memory());
    of.prompts--;
    if (of.prompts == 0) {
      shared.remove(prompt.memory());
      memories.giveBack(of.bank);
    }
  }
}
