package org.uiospark.model.serve;

import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
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
  private final GenerationArguments arguments;

  GenerationTranslator(TextTokenizer tokenizer, GenerationArguments arguments) {
    this.tokenizer = tokenizer;
    this.arguments = arguments;
  }

  /** What holds for a text that says nothing else. */
  GenerationArguments arguments() {
    return arguments;
  }

  @Override
  public NDList processInput(TranslatorContext context, String text) {
    return processInput(context, text, arguments);
  }

  NDList processInput(TranslatorContext context, String text, GenerationArguments asked) {
    int[] prompt = tokenizer.encode(text);
    if (prompt.length == 0) {
      throw new InvalidInputException("the prompt is empty; give some text");
    }
    context.setAttachment(PROMPT, prompt);
    NDManager manager = context.getNDManager();
    return new NDList(manager.create(IntStream.of(prompt).asLongStream().toArray()))
        .addAll(asked.ofAText(manager));
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
