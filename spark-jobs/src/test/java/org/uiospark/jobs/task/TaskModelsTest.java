package org.uiospark.jobs.task;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Device;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.logging.log4j.Level;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.core.LogEvent;
import org.apache.logging.log4j.core.Logger;
import org.apache.logging.log4j.core.appender.AbstractAppender;
import org.apache.logging.log4j.core.config.Configurator;
import org.apache.logging.log4j.core.config.Property;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaSparkContext;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
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
        Recorder said = Recorder.of(TaskModels.class)) {
      assertThat(spark.isLocal()).isTrue();
      TaskModels.model(reference(new Arithmetic(here, 1)), Device.cpu());
      assertThat(said.lines).isEmpty();

      ModelReference drivers = reference(new Arithmetic(other, 1));
      TaskModels.model(drivers, Device.cpu());
      TaskModels.model(drivers, Device.cpu());
      assertThat(said.lines)
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

  /** What a class logs. */
  private static final class Recorder extends AbstractAppender implements AutoCloseable {
    private final List<String> lines = new ArrayList<>();
    private final Logger logger;

    private Recorder(Logger logger) {
      super("recorder", null, null, true, Property.EMPTY_ARRAY);
      this.logger = logger;
    }

    private static Recorder of(Class<?> type) {
      // Whatever other tests left log4j with.
      Configurator.setLevel(type.getName(), Level.WARN);
      Recorder recorder = new Recorder((Logger) LogManager.getLogger(type));
      recorder.start();
      recorder.logger.addAppender(recorder);
      return recorder;
    }

    @Override
    public void append(LogEvent event) {
      lines.add(event.getMessage().getFormattedMessage());
    }

    @Override
    public void close() {
      logger.removeAppender(this);
      stop();
    }
  }
}
