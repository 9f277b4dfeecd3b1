package org.uiospark.model.serve;

import ai.djl.ndarray.NDList;
import ai.djl.translate.NoBatchifyTranslator;
import ai.djl.translate.TranslatorContext;
import java.util.Arrays;
import java.util.stream.IntStream;
import org.uiospark.model.input.InvalidInputException;
import org.uiospark.model.text.StreamedText;
import org.uiospark.model.text.TextTokenizer;

/** Text to the tokens that a {@link GenerationBlock} takes, and its tokens to text. */
final class GenerationTranslator implements NoBatchifyTranslator<String, String> {
  private static final String PROMPT = "prompt";

  private final TextTokenizer tokenizer;

  GenerationTranslator(TextTokenizer tokenizer) {
    this.tokenizer = tokenizer;
  }

  @Override
  public NDList processInput(TranslatorContext context, String text) {
    int[] prompt = tokenizer.encode(text);
    if (prompt.length == 0) {
      throw new InvalidInputException("the prompt is empty; give some text");
    }
    context.setAttachment(PROMPT, prompt);
    return new NDList(context.getNDManager().create(IntStream.of(prompt).asLongStream().toArray()));
  }

  @Override
  public String processOutput(TranslatorContext context, NDList generated) {
    StreamedText text = new StreamedText(tokenizer::decode, (int[]) context.getAttachment(PROMPT));
    StringBuilder continuation = new StringBuilder();
    Arrays.stream(generated.singletonOrThrow().toLongArray())
        .mapToInt(Math::toIntExact)
        .forEach(token -> continuation.append(text.push(token)));
    return continuation.append(text.finish()).toString();
  }
}
