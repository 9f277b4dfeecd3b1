package org.uiospark.jobs.train;

import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.SparkSession;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.uiospark.data.storage.OutputFolder;
import org.uiospark.jobs.checkpoint.Checkpoint;
import org.uiospark.jobs.checkpoint.CheckpointStatus;
import org.uiospark.jobs.checkpoint.CheckpointStore;
import org.uiospark.jobs.checkpoint.CheckpointWriter;
import org.uiospark.jobs.checkpoint.Losses;
import org.uiospark.jobs.checkpoint.OutputLock;
import org.uiospark.jobs.checkpoint.TrainerState;
import org.uiospark.jobs.evaluate.HeldOutLoss;
import org.uiospark.jobs.report.Report;
import org.uiospark.jobs.settings.OptimizerSettings;
import org.uiospark.jobs.settings.TrainSettings;
import org.uiospark.jobs.task.ModelReference;
import org.uiospark.jobs.tracking.Outcome;
import org.uiospark.jobs.tracking.RunTracking;
import org.uiospark.model.adapter.Adapter;
import org.uiospark.model.adapter.AdapterShape;
import org.uiospark.model.input.InvalidInputException;
import org.uiospark.model.kernel.Arithmetic;
import org.uiospark.model.optim.AdamW;
import org.uiospark.model.optim.AdamWSettings;
import org.uiospark.model.optim.LearningRateSchedule;
import org.uiospark.model.segment.NonFiniteException;

/**
 * Trains an adapter: step after step, with metrics and checkpoints.
 *
 * <p>The adapter after N steps has the same bits for any number of executors, through lost tasks,
 * stops and resumes (on the CPU, with the same settings, data and seed).
 */
public final class Trainer {
  private static final Logger LOG = LoggerFactory.getLogger(Trainer.class);

  private static final String TASK_GPUS = "spark.task.resource.gpu.amount";

  private final TrainSettings settings;
  private final JavaSparkContext spark;
  private final OutputFolder output;
  private final CheckpointStore checkpoints;
  private final StopSignal stop;

  /**
   * @param session where the tasks run
   * @throws InvalidInputException if the output cannot be opened, or a GPU is asked for where Spark
   *     lends none
   */
  public Trainer(SparkSession session, TrainSettings settings) {
    this(session, settings, new StopSignal());
  }

  /**
   * @param stop asked after every step
   * @throws InvalidInputException as above
   */
  public Trainer(SparkSession session, TrainSettings settings, StopSignal stop) {
    this.stop = stop;
    this.settings = settings;
    this.spark = JavaSparkContext.fromSparkContext(session.sparkContext());
    this.output = OutputFolder.of(settings.output(), spark.hadoopConfiguration());
    this.checkpoints = new CheckpointStore(output);
    requireGpusThatExist(spark.getConf());
  }

  /**
   * Trains up to the last step, or the one in which it is asked to stop; the checkpoint of that
   * step is the result.
   *
   * @return the folder of that checkpoint
   * @throws InvalidInputException for anything that the user can mend
   * @throws NonFiniteException if a loss or gradient is not finite
   */
  public OutputFolder run() {
    TrainingInput input = TrainingInput.open(settings, spark.hadoopConfiguration());
    Arithmetic arithmetic = arithmetic();
    TrainerState fresh = RunDescription.state(settings, input, arithmetic, spark.version());
    LaneSettings lanes = LaneSettings.of(settings, input, arithmetic);
    Optional<HeldOutLoss> heldOut = heldOut(input, lanes.model());
    try (OutputLock lock = OutputLock.acquire(output)) {
      return run(input, lanes, fresh, heldOut, lock);
    } catch (NonFiniteException e) {
      throw new NonFiniteException(e.getMessage() + onward());
    } catch (IllegalStateException e) {
      throw new IllegalStateException(e.getMessage() + onward(), e);
    }
  }

  /** How to go on after a failure; nothing where there is no checkpoint to go on from. */
  private String onward() {
    return checkpoints.statuses().stream()
        .filter(status -> status.state() == CheckpointStatus.State.WHOLE)
        .findFirst()
        .map(status -> "; --resume goes on from step-" + status.step())
        .orElse("");
  }

  private Arithmetic arithmetic() {
    if (spark.getConf().contains(TASK_GPUS)) {
      return settings.arithmetic().onGpus();
    }
    Arithmetic arithmetic = settings.arithmetic().onCpus();
    LOG.info(
        "Matrix products of {}, {} torch thread(s) a task",
        arithmetic.productsName(),
        arithmetic.threads());
    return arithmetic;
  }

  private OutputFolder run(
      TrainingInput input,
      LaneSettings lanes,
      TrainerState fresh,
      Optional<HeldOutLoss> heldOut,
      OutputLock lock) {
    Checkpoint from = resumed(fresh).orElseGet(() -> untrained(input, fresh));
    Adapter adapter = from.adapter();
    AdamW optimizer = optimizer(from);
    StepWatch watch = new StepWatch(spark.sc());
    TrainingStep step = step(input, lanes, optimizer, watch);
    Progress progress = new Progress(settings.steps());
    long at = from.state().step();
    try (RunTracking tracking = RunTracking.open(settings.tracking(), output, fresh.at(at));
        MetricsLog metrics = new MetricsLog(output, lock, at)) {
      try (CheckpointWriter writer = new CheckpointWriter(checkpoints, settings.retention())) {
        boolean stopping = false;
        while (at < settings.steps() && !stopping) {
          StepMetrics done = step.take(at, adapter);
          at = done.step();
          boolean due = at % settings.checkpointEvery() == 0 || at == settings.steps();
          RuntimeException unmeasured = null;
          if (due && heldOut.isPresent()) {
            HeldOutLoss loss = heldOut.get();
            try {
              done = done.withHeldOutLoss(watch.run(at, () -> loss.of(adapter)));
            } catch (RuntimeException e) {
              // It ends the run, but the steps up to here are good and must not be lost.
              unmeasured = e;
            }
          }
          metrics.append(done);
          tracking.step(at, done.values());
          progress.done(done);
          stopping = stop.isAsked();
          if (due || stopping) {
            // Before the checkpoint counts: a run that goes on from it finds every line up to it.
            metrics.flush();
            tracking.flush();
            lock.requireHeld();
            TrainerState state = fresh.at(at);
            writer.write(
                () -> snapshot(input, adapter, optimizer, state),
                new Losses(done.loss(), done.heldOutLoss()));
          }
          if (unmeasured != null) {
            throw unmeasured;
          }
        }
      }
      // Only a run whose last checkpoint is whole did not fail.
      tracking.ended(at == settings.steps() ? Outcome.FINISHED : Outcome.KILLED);
    }
    Report.writeAfterRun(output);
    return checkpoints.folder(at);
  }

  private Optional<HeldOutLoss> heldOut(TrainingInput input, ModelReference model) {
    if (settings.heldOut().data().isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(HeldOutLoss.open(spark, model, input.fittingData(), settings.heldOut()));
  }

  private Optional<Checkpoint> resumed(TrainerState now) {
    List<Long> steps = checkpoints.steps();
    if (!settings.resume()) {
      if (!steps.isEmpty()) {
        throw new InvalidInputException(
            String.format(
                Locale.ROOT,
                "output %s already has checkpoints, the newest step-%d; add --resume to go on, or name another --output",
                output.root(),
                steps.get(0)));
      }
      return Optional.empty();
    }
    Optional<Checkpoint> newest = checkpoints.latestWhole();
    if (newest.isEmpty()) {
      LOG.warn(
          "No checkpoint in {} was ever finished; starting at step 0{}",
          output.root(),
          steps.isEmpty()
              ? ""
              : String.format(
                  Locale.ROOT,
                  ", and what lies under steps %s is written anew when they come",
                  steps));
    }
    newest.ifPresent(checkpoint -> requireSameRun(checkpoint.state(), now));
    return newest;
  }

  private void requireSameRun(TrainerState then, TrainerState now) {
    List<String> conflicts = then.conflictsWith(now);
    if (!conflicts.isEmpty()) {
      throw new InvalidInputException(
          String.format(
              Locale.ROOT,
              "the run in %s cannot be resumed: %s; give what it was started with, or name another --output",
              output.root(),
              String.join(", ", conflicts)));
    }
    if (then.step() > settings.steps()) {
      throw new InvalidInputException(
          String.format(
              Locale.ROOT,
              "the run in %s is at step %d, beyond --steps %d; raise --steps",
              output.root(),
              then.step(),
              settings.steps()));
    }
    LOG.info("Resuming at step {} of {}", then.step(), settings.steps());
    List<String> changes = then.changesIn(now);
    if (!changes.isEmpty()) {
      LOG.warn("Resuming with other settings: {}", String.join(", ", changes));
    }
  }

  private Checkpoint untrained(TrainingInput input, TrainerState state) {
    AdapterShape shape = input.shape();
    return new Checkpoint(
        RunDescription.adapterConfig(settings, input, shape, state),
        Adapter.initial(shape, input.eosEmbedding(), settings.seed()),
        new float[shape.size()],
        new float[shape.size()],
        state);
  }

  private AdamW optimizer(Checkpoint from) {
    OptimizerSettings optimizer = settings.optimizer();
    return new AdamW(
        new AdamWSettings(
            optimizer.beta1(),
            optimizer.beta2(),
            AdamWSettings.DEFAULT.epsilon(),
            optimizer.weightDecay()),
        from.adapter().shape(),
        from.firstMoment(),
        from.secondMoment(),
        from.state().step());
  }

  private TrainingStep step(
      TrainingInput input, LaneSettings lanes, AdamW optimizer, StepWatch watch) {
    OptimizerSettings rate = settings.optimizer();
    return new TrainingStep(
        spark,
        lanes,
        input.data(),
        new SequenceOrder(input.data().sizes(), input.data().weights(), settings.seed()),
        settings.batch(),
        optimizer,
        new LearningRateSchedule(rate.lr(), rate.warmup(), settings.steps(), 0),
        rate.clip(),
        watch);
  }

  /** A copy: the next step changes adapter and moments while this one is being written. */
  private Checkpoint snapshot(
      TrainingInput input, Adapter adapter, AdamW optimizer, TrainerState state) {
    return new Checkpoint(
        RunDescription.adapterConfig(settings, input, adapter.shape(), state),
        new Adapter(adapter.shape(), adapter.values().clone()),
        optimizer.firstMoment().clone(),
        optimizer.secondMoment().clone(),
        state);
  }

  /** Spark would wait for ever: local mode has no GPUs to lend. */
  private static void requireGpusThatExist(SparkConf conf) {
    String master = conf.get("spark.master", "");
    boolean local = master.equals("local") || master.startsWith("local[");
    if (local && conf.contains(TASK_GPUS)) {
      throw new InvalidInputException(
          String.format(
              Locale.ROOT,
              "spark.task.resource.gpu.amount is set, but --master %s lends no GPU; use a standalone master, YARN or Kubernetes",
              master));
    }
  }
}
