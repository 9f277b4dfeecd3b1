package org.uiospark.jobs.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.apache.spark.resource.ResourceInformation;
import org.apache.spark.resource.ResourceInformation$;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The real discovery script, over an nvidia-smi of our own, read as Spark reads it. */
class GpuDiscoveryTest {
  @TempDir Path folder;

  @Test
  void allGpusHaveTheirIndex() throws Exception {
    nvidiaSmi(
        "GPU 0: NVIDIA H100 80GB HBM3 (UUID: GPU-aa)\nGPU 1: NVIDIA H100 80GB HBM3 (UUID: GPU-bb)");

    assertThat(discovered(null)).containsExactly("0", "1");
    assertThat(discovered("")).isEmpty();
  }

  @Test
  void whatTheEnvironmentNamesIsLentUnderThatName() throws Exception {
    nvidiaSmi("GPU 0: NVIDIA H100 80GB HBM3 (UUID: GPU-aa)");

    assertThat(discovered("3, 1")).containsExactly("3", "1");
    assertThat(discovered("MIG-c1")).containsExactly("MIG-c1");
  }

  @Test
  void partsOfGpusStandForThoseThatAreCut() throws Exception {
    nvidiaSmi(
        """
        GPU 0: NVIDIA A100-SXM4-40GB (UUID: GPU-aa)
          MIG 3g.20gb     Device  0: (UUID: MIG-a1)
          MIG 3g.20gb     Device  1: (UUID: MIG-a2)
        GPU 1: NVIDIA A100-SXM4-40GB (UUID: GPU-bb)
        GPU 2: NVIDIA A100-SXM4-40GB (UUID: GPU-cc)
          MIG 7g.40gb     Device  0: (UUID: MIG-c1)
        GPU 3: NVIDIA A100-SXM4-40GB (UUID: GPU-dd)""");

    assertThat(discovered(null)).containsExactly("MIG-a1", "MIG-a2", "GPU-bb", "MIG-c1", "GPU-dd");
  }

  private String[] discovered(String visible) throws Exception {
    ProcessBuilder builder =
        new ProcessBuilder(Path.of("../conf/gpu-discovery.sh").toAbsolutePath().toString())
            .redirectError(ProcessBuilder.Redirect.INHERIT);
    builder.environment().put("PATH", folder + ":" + System.getenv("PATH"));
    builder.environment().remove("CUDA_VISIBLE_DEVICES");
    if (visible != null) {
      builder.environment().put("CUDA_VISIBLE_DEVICES", visible);
    }
    Process process = builder.start();
    String json = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).isZero();
    ResourceInformation found = ResourceInformation$.MODULE$.parseJson(json);
    assertThat(found.name()).isEqualTo("gpu");
    return found.addresses();
  }

  /** Lists as nvidia-smi does with -L, and indices of all GPUs otherwise. */
  private void nvidiaSmi(String list) throws Exception {
    Path file = folder.resolve("nvidia-smi");
    long gpus = list.lines().filter(line -> line.startsWith("GPU ")).count();
    Files.writeString(
        file,
        "#!/usr/bin/env bash\nif [[ $1 == -L ]]; then cat <<'END'\n"
            + list
            + "\nEND\nelse seq 0 "
            + (gpus - 1)
            + "; fi\n");
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwx------"));
  }
}
