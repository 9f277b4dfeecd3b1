package org.uiospark.jobs.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Device;
import org.apache.spark.SparkConf;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.uiospark.model.input.InvalidInputException;

class ComputeDeviceTest {
  private static final String LENT = "spark.task.resource.gpu.amount";

  @ParameterizedTest
  @CsvSource({
    "spark://host:7077, 1, true",
    "k8s://https://host, 0.5, true",
    "spark://host:7077, 0, false",
    "yarn, 0, false",
    "'local-cluster[2,1,1024]', 1, true"
  })
  void onAClusterTasksHaveTheGpusThatSparkLends(String master, String amount, boolean gpus) {
    SparkConf conf = new SparkConf(false).setMaster(master).set(LENT, amount);

    assertThat(ComputeDevice.areGpusOfTasks(conf)).isEqualTo(gpus);
    assertThat(ComputeDevice.ofDriver(conf)).isEqualTo(Device.cpu());
    assertThatCode(() -> ComputeDevice.requireLender(conf)).doesNotThrowAnyException();
  }

  @Test
  void inLocalModeTasksHaveWhatThisMachineHas() {
    SparkConf conf = new SparkConf(false).setMaster("local[2]");
    Device device = ComputeDevice.available();

    assertThat(ComputeDevice.ofDriver(conf)).isEqualTo(device);
    assertThat(ComputeDevice.areGpusOfTasks(conf)).isEqualTo(device.isGpu());
    assertThat(ComputeDevice.gpus().isEmpty()).isEqualTo(!device.isGpu());
  }

  @ParameterizedTest
  @CsvSource({"local", "local[2]", "local[*]"})
  void localModeLendsNoGpu(String master) {
    SparkConf conf = new SparkConf(false).setMaster(master).set(LENT, "1");

    assertThatThrownBy(() -> ComputeDevice.requireLender(conf))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining(LENT)
        .hasMessageContaining("--master " + master)
        .hasMessageContaining("CUDA_VISIBLE_DEVICES");
    assertThatCode(() -> ComputeDevice.requireLender(conf.set(LENT, "0")))
        .doesNotThrowAnyException();
  }
}
