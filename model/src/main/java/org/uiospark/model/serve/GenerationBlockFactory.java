package org.uiospark.model.serve;

import ai.djl.Model;
import ai.djl.nn.Block;
import ai.djl.nn.BlockFactory;
import java.nio.file.Path;
import java.util.Map;
import java.util.UUID;
import org.uiospark.model.input.InvalidInputException;

/** Loads an export for DJL, which finds this class through {@value ServingFiles#PROPERTIES}. */
public final class GenerationBlockFactory implements BlockFactory {
  private static final long serialVersionUID = 1;

  /**
   * Loads adapter, tokenizer and base model to the device of {@code model}, and ties their life to
   * it.
   *
   * @throws InvalidInputException if any is missing, damaged or does not fit the others
   */
  @Override
  public Block newBlock(Model model, Path folder, Map<String, ?> arguments) {
    GenerationBlock block =
        GenerationBlock.load(folder, model.getNDManager().getDevice(), arguments);
    model.getNDManager().attachInternal(UUID.randomUUID().toString(), block);
    return block;
  }
}
