package org.uiospark.jobs.audit;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.uiospark.data.storage.OutputFolder;
import org.uiospark.jobs.checkpoint.AdapterSource;
import org.uiospark.jobs.settings.Settings;
import org.uiospark.model.adapter.Adapter;
import org.uiospark.model.adapter.AdapterFiles;
import org.uiospark.model.adapter.LoadedAdapter;
import org.uiospark.model.kernel.FrozenLlama;
import org.uiospark.model.segment.SegmentRatios;
import org.uiospark.model.segment.SegmentSettings;

/**
 * The adapter to audit and how it cuts text.
 *
 * @param adapter the tensors
 * @param segments segment length and memory tokens
 */
record AuditAdapter(Adapter adapter, SegmentSettings segments) {

  /**
   * Reads what {@link AdapterSource} knows, or bare tensors, which do not tell how they are used.
   *
   * @param given what counts more than the folder says, where it is not {@code auto}
   */
  static AuditAdapter load(
      AuditSettings settings, Settings given, FrozenLlama base, Configuration configuration) {
    Optional<Path> bare = bareTensors(settings.adapter());
    if (bare.isPresent()) {
      double alpha = given.number(said(given, "alpha"));
      return new AuditAdapter(
          AdapterFiles.readTensors(bare.get(), base.config(), alpha),
          new SegmentRatios(
                  given.integer(said(given, "segment-length")),
                  given.allIntegers(said(given, "memory-tokens")))
              .most());
    }
    LoadedAdapter loaded =
        AdapterSource.adapter(OutputFolder.of(settings.adapter(), configuration));
    loaded.config().requireBase(base.fingerprint(), base.config());
    Adapter adapter = loaded.adapter();
    if (!given.isAuto("audit.alpha")) {
      adapter =
          new Adapter(adapter.shape().withAlpha(given.number("audit.alpha")), adapter.values());
    }
    SegmentSettings trained = loaded.config().settings();
    return new AuditAdapter(
        adapter,
        new SegmentSettings(
            given.isAuto("audit.segment-length")
                ? trained.segmentLength()
                : given.integer("audit.segment-length"),
            given.isAuto("audit.memory-tokens")
                ? trained.memoryTokens()
                : given.integer("audit.memory-tokens")));
  }

  /** The key that says how a bare adapter is used. */
  private static String said(Settings given, String name) {
    return (given.isAuto("audit." + name) ? "adapter." : "audit.") + name;
  }

  private static Optional<Path> bareTensors(String adapter) {
    if (adapter.contains(":")) {
      return Optional.empty();
    }
    Path path = Path.of(adapter);
    if (Files.isRegularFile(path)) {
      return Optional.of(path);
    }
    return Optional.of(path.resolve(AdapterFiles.TENSORS))
        .filter(
            tensors -> Files.exists(tensors) && !Files.exists(path.resolve(AdapterFiles.CONFIG)));
  }
}
