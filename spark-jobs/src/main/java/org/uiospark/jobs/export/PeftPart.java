package org.uiospark.jobs.export;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import org.uiospark.model.adapter.Adapter;
import org.uiospark.model.adapter.AdapterConfig;
import org.uiospark.model.adapter.AdapterShape;
import org.uiospark.model.safetensors.FloatTensor;

/** A part of the adapter that is a LoRA of the whole model, in the files of HuggingFace PEFT. */
enum PeftPart {
  /** LoRA on q and v while a segment is compressed. */
  ENCODER("encoder", List.of("q_proj", "v_proj")),
  /** LoRA on k and v of memories alone. */
  TRANSFER("transfer", List.of("k_proj", "v_proj"));

  private final String part;
  private final List<String> targets;

  PeftPart(String part, List<String> targets) {
    this.part = part;
    this.targets = targets;
  }

  /** The name of the part's folder. */
  String folder() {
    return part;
  }

  /** The tensors of the part, under PEFT's names. */
  List<FloatTensor> tensors(Adapter adapter) {
    String prefix = part + ".";
    return adapter.shape().slots().stream()
        .filter(slot -> slot.name().startsWith(prefix))
        .map(slot -> renamed(adapter, slot, prefix.length()))
        .toList();
  }

  private static FloatTensor renamed(Adapter adapter, AdapterShape.Slot slot, int prefix) {
    return new FloatTensor(
        "base_model.model.model." + slot.name().substring(prefix),
        slot.dimensions(),
        adapter.values(),
        slot.offset());
  }

  /**
   * The {@code adapter_config.json} of the part.
   *
   * @param baseModel where PEFT finds the model
   */
  ObjectNode config(AdapterConfig config, String baseModel) {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.put("peft_type", "LORA");
    json.put("task_type", "CAUSAL_LM");
    json.put("base_model_name_or_path", baseModel);
    json.put("r", config.loraRank());
    double alpha = config.loraAlpha();
    if (alpha == Math.rint(alpha) && Math.abs(alpha) < 1e9) {
      json.put("lora_alpha", (int) alpha);
    } else {
      json.put("lora_alpha", alpha);
    }
    json.put("lora_dropout", 0.0);
    json.put("bias", "none");
    json.put("fan_in_fan_out", false);
    json.put("inference_mode", true);
    json.put("init_lora_weights", true);
    ArrayNode modules = json.putArray("target_modules");
    targets.forEach(modules::add);
    ArrayNode layers = json.putArray("layers_to_transform");
    for (int i = 0; i < config.shape().layers(); i++) {
      layers.add(i);
    }
    json.put("layers_pattern", "layers");
    json.putNull("modules_to_save");
    json.put("use_rslora", false);
    json.put("use_dora", false);
    return json;
  }
}
