package org.uiospark.jobs.bench;

import ai.djl.Device;
import ai.djl.util.cuda.CudaUtils;
import com.sun.management.OperatingSystemMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The machine that the driver runs on.
 *
 * @param cpu model name of the processor, as Linux tells it; elsewhere its architecture
 * @param cores cores that the JVM may use
 * @param memoryBytes memory of the machine
 * @param os name and version of the system
 * @param device that gradients are computed on, a GPU with its compute capability
 */
record Machine(String cpu, int cores, long memoryBytes, String os, String device) {

  static Machine with(Device device) {
    return new Machine(
        processor(),
        Runtime.getRuntime().availableProcessors(),
        ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class).getTotalMemorySize(),
        System.getProperty("os.name") + " " + System.getProperty("os.version"),
        device.isGpu()
            ? device + ", sm_" + CudaUtils.getComputeCapability(device.getDeviceId())
            : device.toString());
  }

  private static String processor() {
    String architecture = System.getProperty("os.arch");
    try {
      return Files.readAllLines(Path.of("/proc/cpuinfo")).stream()
          .filter(line -> line.startsWith("model name"))
          .map(line -> line.substring(line.indexOf(':') + 1).strip())
          .findFirst()
          .orElse(architecture);
    } catch (IOException e) {
      return architecture;
    }
  }
}
