package org.uiospark.model.reading;

import java.util.function.IntConsumer;
import org.uiospark.model.kernel.DeviceAdapter;
import org.uiospark.model.kernel.MemoryModel;

/**
 * Continues a prompt of any length, token by token, until a token that ends the text, or a limit.
 */
public final class TextGenerator {
  private final MemoryModel model;
  private final DeviceAdapter adapter;

  /**
   * @param model what reads
   * @param adapter what it reads with
   */
  public TextGenerator(MemoryModel model, DeviceAdapter adapter) {
    this.model = model;
    this.adapter = adapter;
  }

  /**
   * Generates.
   *
   * @param prompt at least one token
   * @param maxNewTokens limit
   * @param onToken sees each new token as soon as it is chosen
   * @return the new tokens, the one that ends the text not among them
   */
  public int[] generate(int[] prompt, int maxNewTokens, Sampling sampling, IntConsumer onToken) {
    try (MemoryReader reader = new MemoryReader(model, adapter)) {
      return generate(reader, prompt, maxNewTokens, sampling, onToken);
    }
  }

  /**
   * Generates behind what a reader has read already, with or without memory.
   *
   * @param rest of the prompt, at least one token
   */
  public int[] generate(
      TokenReader reader, int[] rest, int maxNewTokens, Sampling sampling, IntConsumer onToken) {
    Continuation text = new Continuation(model, maxNewTokens, sampling, onToken);
    text.choose(reader.read(rest));
    while (!text.isDone()) {
      text.choose(reader.read(text.last()));
    }
    return text.tokens();
  }
}
