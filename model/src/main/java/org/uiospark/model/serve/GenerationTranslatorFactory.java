package org.uiospark.model.serve;

import ai.djl.Model;
import ai.djl.modality.Input;
import ai.djl.modality.Output;
import ai.djl.translate.TranslateException;
import ai.djl.translate.Translator;
import ai.djl.translate.TranslatorFactory;
import ai.djl.util.Pair;
import java.lang.reflect.Type;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * Text to text for DJL, and requests to answers for DJL Serving; both find this class through
 * {@value ServingFiles#PROPERTIES}.
 */
public final class GenerationTranslatorFactory implements TranslatorFactory {

  @Override
  public Set<Pair<Type, Type>> getSupportedTypes() {
    return Set.of(new Pair<>(String.class, String.class), new Pair<>(Input.class, Output.class));
  }

  @Override
  @SuppressWarnings("unchecked")
  public <I, O> Translator<I, O> newInstance(
      Class<I> input, Class<O> output, Model model, Map<String, ?> arguments)
      throws TranslateException {
    if (!isSupported(input, output)) {
      throw new TranslateException(
          String.format(
              Locale.ROOT,
              "%s to %s is not supported; ask for String to String, or Input to Output",
              input.getName(),
              output.getName()));
    }
    if (!(model.getBlock() instanceof GenerationBlock block)) {
      throw new TranslateException(
          String.format(
              Locale.ROOT,
              "%s holds no export; its %s names the blockFactory",
              model.getModelPath(),
              ServingFiles.PROPERTIES));
    }
    GenerationTranslator texts = new GenerationTranslator(block.tokenizer(), block.arguments());
    return (Translator<I, O>) (input == Input.class ? new RequestTranslator(texts) : texts);
  }
}
