package org.uiospark.model.llama;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import org.uiospark.model.input.Sha256;
import org.uiospark.model.safetensors.SafetensorsFile;

/**
 * Tells base models apart: SHA-256 over what decides the function they compute.
 *
 * <p>Hashed in this order, as UTF-8 lines: the sizes, the epsilon, the RoPE base and the tying of
 * the configuration; the scaling of RoPE where there is one; then for each needed tensor, sorted by
 * name, a line of name, dtype and shape and its bytes. Of models of 64 MB and more only the first
 * and last 64 KiB of each tensor are read, so that a fingerprint of a large model takes seconds.
 * How the tensors are spread over files does not matter, nor do the token ids and the windows,
 * unless they are part of the scaling.
 */
final class BaseModelFingerprint {
  private static final long WHOLE_BELOW = 64_000_000;
  private static final int SAMPLE = 64 * 1024;

  private BaseModelFingerprint() {}

  static String of(
      LlamaConfig config, List<String> names, Function<String, SafetensorsFile.Tensor> tensors) {
    MessageDigest digest = Sha256.digest();
    line(
        digest,
        List.of(
                config.hiddenSize(),
                config.intermediateSize(),
                config.layers(),
                config.attention().heads(),
                config.attention().kvHeads(),
                config.attention().headDim(),
                config.vocabSize(),
                config.rmsNormEps(),
                config.rotary().theta(),
                config.vocabulary().tied())
            .toString());
    if (!config.rotary().scaling().equals(RopeScaling.NONE)) {
      line(digest, config.rotary().scaling().toString());
    }
    List<SafetensorsFile.Tensor> sorted = names.stream().sorted().map(tensors).toList();
    long total = sorted.stream().mapToLong(tensor -> tensor.length()).sum();
    for (SafetensorsFile.Tensor tensor : sorted) {
      line(digest, tensor.name() + " " + tensor.dtype() + " " + Arrays.toString(tensor.shape()));
      if (total < WHOLE_BELOW || tensor.length() <= 2 * SAMPLE) {
        digest.update(tensor.bytes());
      } else {
        digest.update(tensor.bytes(0, SAMPLE));
        digest.update(tensor.bytes(tensor.length() - SAMPLE, SAMPLE));
      }
    }
    return Sha256.hex(digest);
  }

  private static void line(MessageDigest digest, String text) {
    digest.update((text + "\n").getBytes(StandardCharsets.UTF_8));
  }
}
