package org.uiospark.jobs.serve;

import ai.djl.Device;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.StringReader;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.Locale;
import org.apache.hadoop.conf.Configuration;
import org.uiospark.data.encode.ChatConfig;
import org.uiospark.data.encode.MalformedRecordException;
import org.uiospark.data.storage.InputFile;
import org.uiospark.data.storage.OutputFolder;
import org.uiospark.jobs.checkpoint.AdapterSource;
import org.uiospark.jobs.device.ComputeDevice;
import org.uiospark.jobs.task.ModelFolder;
import org.uiospark.jobs.task.ModelReference;
import org.uiospark.jobs.task.TaskModels;
import org.uiospark.model.adapter.LoadedAdapter;
import org.uiospark.model.kernel.DeviceAdapter;
import org.uiospark.model.kernel.MemoryModel;
import org.uiospark.model.llama.LlamaCheckpoint;
import org.uiospark.model.memory.MemoryOrigin;
import org.uiospark.model.reading.MemoryReader;
import org.uiospark.model.serve.ServingFiles;
import org.uiospark.model.text.PieceEncoder;
import org.uiospark.model.text.TextTokenizer;

/**
 * Base model, adapter and tokenizer, which all workers share; each computes with one thread.
 *
 * @param memory base and segments
 * @param adapter on the device
 * @param tokenizer of the base
 * @param encoder of texts of any length
 * @param chat what says how the tokenizer writes chats
 * @param origin of the memories that it makes and reads
 */
record ServedModel(
    MemoryModel memory,
    DeviceAdapter adapter,
    TextTokenizer tokenizer,
    PieceEncoder encoder,
    ChatConfig chat,
    MemoryOrigin origin)
    implements AutoCloseable {
  /** Loads it; throws as {@code generate} does. */
  static ServedModel load(ServeSettings settings, Configuration configuration) {
    OutputFolder folder = OutputFolder.of(settings.adapter(), configuration);
    LoadedAdapter loaded = AdapterSource.adapter(folder);
    ModelFolder model = ModelFolder.of(settings.model(), configuration);
    Device device = ComputeDevice.available();
    TextTokenizer tokenizer = model.tokenizer(folder);
    try (LlamaCheckpoint checkpoint = LlamaCheckpoint.open(model.path())) {
      tokenizer.requireFit(checkpoint.config().vocabSize());
      ModelReference reference =
          ModelReference.of(model, checkpoint, loaded.config(), settings.memoryTokens());
      PieceEncoder encoder = new PieceEncoder(tokenizer);
      ChatConfig chat =
          ChatConfig.beside(
              new InputFile(
                  model.path().resolve(ServingFiles.TOKENIZER).toString(), configuration));
      MemoryOrigin origin =
          MemoryOrigin.of(reference.fingerprint(), loaded.adapter(), reference.segments());
      MemoryModel memory = TaskModels.model(reference, device);
      return new ServedModel(
          memory, memory.upload(loaded.adapter()), tokenizer, encoder, chat, origin);
    } catch (RuntimeException e) {
      tokenizer.close();
      throw e;
    }
  }

  MemoryReader reader() {
    return new MemoryReader(memory, adapter);
  }

  /**
   * Tokens of a text.
   *
   * @param most that it may have
   * @throws Refusal if it has more
   */
  int[] tokens(String text, int most) {
    int[][] held = {new int[Math.min(most, 1 << 12)]};
    int[] count = {0};
    try {
      encoder.encode(
          new StringReader(text),
          "the text",
          ids -> {
            int all = count[0] + ids.length;
            if (all > most) {
              throw new Refusal(
                  Refusal.BAD_REQUEST,
                  "context_length_exceeded",
                  String.format(
                      Locale.ROOT, "the text has more than the %d tokens that are allowed", most));
            }
            if (all > held[0].length) {
              held[0] = Arrays.copyOf(held[0], Math.max(all, Math.min(most, 2 * all)));
            }
            System.arraycopy(ids, 0, held[0], count[0], ids.length);
            count[0] = all;
          });
    } catch (IOException e) {
      throw new UncheckedIOException("a text in memory could not be read", e);
    }
    return Arrays.copyOf(held[0], count[0]);
  }

  /**
   * The text of a chat that the assistant is to answer.
   *
   * @throws Refusal if the base has no template, or that refuses the chat
   */
  String prompt(JsonNode request) {
    try {
      return chat.atThisMoment()
          .template()
          .orElseThrow(
              () ->
                  Refusal.badRequest(
                      "the base model has no chat template; put its chat_template.jinja or"
                          + " tokenizer_config.json beside its tokenizer.json, or ask"
                          + " /v1/completions"))
          .prompt(request);
    } catch (MalformedRecordException e) {
      throw Refusal.badRequest(e.getMessage());
    }
  }

  @Override
  public void close() {
    adapter.close();
    tokenizer.close();
  }
}
