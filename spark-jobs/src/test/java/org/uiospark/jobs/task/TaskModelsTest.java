package org.uiospark.jobs.task;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Device;
import java.nio.file.Path;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaSparkContext;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.uiospark.jobs.RecordedLog;
import org.uiospark.model.adapter.AdapterShape;
import org.uiospark.model.kernel.Arithmetic;
import org.uiospark.model.kernel.MatrixProducts;
import org.uiospark.model.llama.LlamaCheckpoint;

@Tag("cluster")
class TaskModelsTest {
  private static final Path MODEL =
      Path.of("src/main/resources/org/uiospark/jobs/quickstart/model");

  @Test
  void aMachineThatWouldMultiplyOtherwiseThanTheDriverSaysSoInOneLine() {
    MatrixProducts here = MatrixProducts.here();
    MatrixProducts other =
        here == MatrixProducts.ONEDNN ? MatrixProducts.LIBTORCH : MatrixProducts.ONEDNN;
    SparkConf conf =
        new SparkConf()
            .setMaster("local[1]")
            .setAppName("products")
            .set("spark.ui.enabled", "false");
    try (JavaSparkContext spark = new JavaSparkContext(conf);
        RecordedLog said = RecordedLog.of(TaskModels.class)) {
      assertThat(spark.isLocal()).isTrue();
      TaskModels.model(reference(new Arithmetic(here, 1)), Device.cpu());
      assertThat(said.lines()).isEmpty();

      ModelReference drivers = reference(new Arithmetic(other, 1));
      TaskModels.model(drivers, Device.cpu());
      TaskModels.model(drivers, Device.cpu());
      assertThat(said.lines())
          .singleElement()
          .asString()
          .contains(here.toString(), other.toString(), "which the driver says")
          .doesNotContain("\n");
    }
  }

  private static ModelReference reference(Arithmetic arithmetic) {
    try (LlamaCheckpoint base = LlamaCheckpoint.open(MODEL)) {
      return new ModelReference(
          MODEL.toAbsolutePath().toString(),
          "",
          base.fingerprint(),
          32,
          4,
          AdapterShape.of(base.config(), 2, 4),
          arithmetic);
    }
  }
}
