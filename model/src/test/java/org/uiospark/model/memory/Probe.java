package org.uiospark.model.memory;
import ai.djl.Device;
import java.nio.file.*;
import java.util.*;
import org.uiospark.model.adapter.*;
import org.uiospark.model.estimator.*;
public class Probe {
  public static void main(String[] a) throws Exception {
    Path dir = Path.of(a[0]); int l = Integer.parseInt(a[1]), m = Integer.parseInt(a[2]), T = Integer.parseInt(a[3]), rank = Integer.parseInt(a[4]); int threads = Integer.parseInt(a[5]);
    Estimator est = Estimator.named(a[6], 2, 4); long mem = Long.parseLong(a[7]) << 20; int runs = Integer.parseInt(a[8]);
    FrozenLlama base = FrozenLlama.load(dir, Device.cpu(), BasePrecision.FLOAT32);
    AdapterShape shape = AdapterShape.of(base.config(), rank, 2 * rank);
    MemoryModel model = new MemoryModel(base, new SegmentSettings(l, m), shape);
    Adapter ad = Adapter.initial(shape, base.eosEmbedding(), 1);
    Random r = new Random(3); for (int i = 0; i < ad.values().length; i++) ad.values()[i] += 0.02f * (float) r.nextGaussian();
    int[] ids = r.ints(l * T, 0, base.config().vocabSize()).toArray();
    TokenSequence seq = TokenSequence.of("x", 0, ids);
    for (int k = 0; k <= runs; k++) {
      final int kk = k;
      long t0 = System.nanoTime();
      Thread[] ts = new Thread[threads];
      for (int j = 0; j < threads; j++) { final int jj = j; ts[j] = new Thread(() -> { try (DeviceAdapter da = model.upload(ad)) {
        SequenceLoss s = new SequenceGradient(model, mem).add(da, seq, est.draw(T, Estimator.keyed(0, kk, jj))); } }); ts[j].start(); }
      for (Thread t : ts) t.join();
      double sec = (System.nanoTime() - t0) / 1e9;
      String rss = Files.readAllLines(Path.of("/proc/self/status")).stream().filter(x -> x.startsWith("VmHWM")).findFirst().get();
      System.out.printf("%s %.3f s  %.1f tok/s %s%n", a[6], sec, threads * l * T / sec, rss);
    }
  }
}
