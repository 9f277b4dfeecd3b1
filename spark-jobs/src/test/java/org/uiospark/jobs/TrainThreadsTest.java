package org.uiospark.jobs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.uiospark.jobs.CommandRun.assertRefused;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.uiospark.model.input.InputJson;

/** Products and threads of a run: settings that are part of its bits. */
@Tag("cluster")
class TrainThreadsTest extends CommandInput {
  @Test
  void aTaskTakesAsManyCoresAsItHasThreads() throws IOException {
    Path data = data();
    assertRefused(train(model, data, "--threads", 2), "a task takes 2 cores", "local[1] has 1");
    assertThat(output).doesNotExist();

    System.setProperty("spark.master", "local[2]");
    assertThat(train(model, data, "--threads", 2, "--steps", 1, "--products", "onednn").status())
        .isZero();
    JsonNode settings =
        InputJson.object(output.resolve("checkpoints/step-1/trainer_state.json")).get("settings");
    assertThat(settings.get("threads").asInt()).isEqualTo(2);
    assertThat(settings.get("products").asText()).isEqualTo("onednn");

    assertRefused(
        train(model, data, "--threads", 1, "--products", "onednn", "--steps", 2, "--resume"),
        "cannot be resumed: threads 2, now 1");
    assertRefused(
        train(model, data, "--threads", 2, "--products", "libtorch", "--steps", 2, "--resume"),
        "cannot be resumed: products onednn, now libtorch");
    assertRefused(
        train(model, data, "--products", "mkl"), "train.products = mkl", "auto, onednn, libtorch");
  }
}
