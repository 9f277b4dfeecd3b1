package org.uiospark.jobs.report;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.uiospark.data.storage.OutputFolder;
import org.uiospark.jobs.checkpoint.CheckpointStore;
import org.uiospark.jobs.checkpoint.TrainerState;
import org.uiospark.model.input.InputJson;
import org.uiospark.model.input.InvalidInputException;

/**
 * {@code report.html}: one page, with everything in it, from the files that train, evaluate and
 * audit left in a folder. It can be written again at any time.
 */
public final class Report {
  /** Name of the page in the folder. */
  public static final String NAME = "report.html";

  private static final String METRICS = "metrics.jsonl";
  private static final Logger LOG = LoggerFactory.getLogger(Report.class);

  private final OutputFolder folder;

  private Report(OutputFolder folder) {
    this.folder = folder;
  }

  /**
   * Writes the page.
   *
   * @throws InvalidInputException if the folder holds nothing to report, or a result is damaged
   * @throws IOException if a file cannot be read or written
   */
  public static void write(OutputFolder folder) throws IOException {
    String page = new Report(folder).html();
    folder.replace(NAME, page.getBytes(StandardCharsets.UTF_8));
  }

  /** Writes the page after a run, which no trouble with it may fail: there is a warning. */
  public static void writeAfterRun(OutputFolder folder) {
    try {
      write(folder);
    } catch (IOException | RuntimeException | LinkageError | InternalError e) {
      // The last two: a Java without AWT, or a machine without any font.
      LOG.warn(
          "{} cannot be written: {}; all it shows is in the other files, and ./submit.sh report writes"
              + " it again",
          folder.file(NAME),
          e.toString());
    }
  }

  private String html() throws IOException {
    StringBuilder body = new StringBuilder();
    if (folder.has(METRICS)) {
      String origin = folder.file(METRICS).toString();
      body.append(TrainingSection.html(StepHistory.of(origin, folder.read(METRICS))));
    }
    for (ResultSection section : ResultSection.values()) {
      if (folder.has(section.file())) {
        String origin = folder.file(section.file()).toString();
        body.append(section.html(InputJson.object(origin, folder.read(section.file()))));
      }
    }
    if (body.isEmpty()) {
      throw new InvalidInputException(
          folder.root() + " holds nothing to report; name the output of train or evaluate");
    }
    new CheckpointStore(folder)
        .latestState()
        .ifPresent(state -> body.append(Html.folded("Trained with", Html.facts(facts(state)))));
    String name = folder.root().getName();
    String heading = Html.element("h1", name) + Html.quiet(folder.root().toString());
    return Page.html(name + " - UIO on Spark", heading + body);
  }

  private static Map<String, String> facts(TrainerState state) {
    Map<String, String> facts = new LinkedHashMap<>();
    facts.put("checkpoint at step", Figure.text(state.step()));
    facts.put("seed", String.valueOf(state.seed()));
    facts.put("data fingerprint", state.dataFingerprint());
    facts.put("model fingerprint", state.modelFingerprint());
    state.settings().forEach((key, value) -> facts.put(Figure.title(key), String.valueOf(value)));
    state.versions().forEach((key, value) -> facts.put(key + " version", value));
    return facts;
  }
}
