package org.uiospark.model.serve;

import ai.djl.modality.Input;
import ai.djl.modality.Output;
import ai.djl.ndarray.NDList;
import ai.djl.translate.NoBatchifyTranslator;
import ai.djl.translate.TranslatorContext;
import org.uiospark.model.input.InvalidInputException;

/** Requests and answers of DJL Serving around a {@link GenerationTranslator}. */
final class RequestTranslator implements NoBatchifyTranslator<Input, Output> {
  private static final String FORM = "form";
  private static final String REFUSAL = "refusal";

  private final GenerationTranslator texts;

  RequestTranslator(GenerationTranslator texts) {
    this.texts = texts;
  }

  /**
   * A request that is refused gives no arrays, of which DJL asks no block. Thrown, the refusal
   * would also end what the server batches with it, and be told by its cause.
   */
  @Override
  public NDList processInput(TranslatorContext context, Input input) {
    try {
      GenerationRequest request = GenerationRequest.of(input, texts.arguments());
      context.setAttachment(FORM, request.form());
      return texts.processInput(context, request.prompt(), request.arguments());
    } catch (InvalidInputException e) {
      context.setAttachment(REFUSAL, e.getMessage());
      return new NDList();
    }
  }

  @Override
  public Output processOutput(TranslatorContext context, NDList generated) {
    if (generated.isEmpty()) {
      return RequestForm.refusal((String) context.getAttachment(REFUSAL));
    }
    RequestForm form = (RequestForm) context.getAttachment(FORM);
    return form.answer(texts.processOutput(context, generated));
  }
}
