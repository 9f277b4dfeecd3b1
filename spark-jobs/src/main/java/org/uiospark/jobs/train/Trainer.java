package org.uiospark.jobs.train;

import java.util.Optional;
import org.apache.spark.SparkContext;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.SparkSession;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.uiospark.data.storage.OutputFolder;
import org.uiospark.jobs.checkpoint.Checkpoint;
import org.uiospark.jobs.checkpoint.CheckpointStatus;
import org.uiospark.jobs.checkpoint.CheckpointStore;
import org.uiospark.jobs.checkpoint.CheckpointWriter;
import org.uiospark.jobs.checkpoint.TrainerState;
import org.uiospark.jobs.device.ComputeDevice;
import org.uiospark.jobs.evaluate.HeldOutLoss;
import org.uiospark.jobs.lock.OutputLock;
import org.uiospark.jobs.plan.StepHeap;
import org.uiospark.jobs.report.Report;
import org.uiospark.jobs.settings.TrainSettings;
import org.uiospark.jobs.task.DeviceMemory;
import org.uiospark.jobs.tracking.Outcome;
import org.uiospark.model.input.InvalidInputException;
import org.uiospark.model.kernel.Arithmetic;
import org.uiospark.model.kernel.BasePrecision;
import org.uiospark.model.segment.NonFiniteException;
import org.uiospark.model.segment.TrainedPositions;

/**
 * Trains an adapter: step after step, with metrics and checkpoints.
 *
 * <p>The adapter after N steps has the same bits for any number of executors, through lost tasks,
 * stops and resumes (on the CPU, with the same settings, data and seed).
 */
public final class Trainer {
  private static final Logger LOG = LoggerFactory.getLogger(Trainer.class);

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
    StepCut cut = StepCut.of(settings, input);
    requireHeaps(cut.heap());
    RunDescription run =
        new RunDescription(settings, input, arithmetic(), precision(), spark.version());
    if (spark.isLocal()) {
      DeviceMemory.require(ComputeDevice.ofDriver(spark.getConf()), run.leastMemory());
    }
    Optional<HeldOutLoss> heldOut = heldOut(run);
    warnOfPositions(input, heldOut);
    cut.text(tasksAtOnce()).ifPresent(LOG::info);
    try (OutputLock lock = OutputLock.acquire(output, settings.checkpoints().lease())) {
      Checkpoint from = new RunStart(run, output, checkpoints).checkpoint();
      TrainingRun training = new TrainingRun(spark, run, from, heldOut, stop);
      train(training, run.state().at(training.at()), lock);
      lock.requireHeld();
      Report.writeAfterRun(output);
      return checkpoints.folder(training.at());
    } catch (NonFiniteException e) {
      throw new NonFiniteException(e.getMessage() + onward());
    } catch (IllegalStateException e) {
      throw new IllegalStateException(e.getMessage() + onward(), e);
    }
  }

  private void warnOfPositions(TrainingInput input, Optional<HeldOutLoss> heldOut) {
    TrainedPositions positions =
        new TrainedPositions(input.model().rotary().maxPositions(), settings.adapter().segments());
    long longest = Math.max(input.longestText(), heldOut.map(HeldOutLoss::longestText).orElse(1L));
    positions
        .warning("The longest text that --max-segments allows in the data sets", longest)
        .ifPresent(LOG::warn);
  }

  private void train(TrainingRun training, TrainerState state, OutputLock lock) {
    try (RunLog log = RunLog.open(settings, output, lock, state)) {
      try (CheckpointWriter writer =
          new CheckpointWriter(checkpoints.under(lock), settings.checkpoints().retention())) {
        training.train(log, writer);
      }
      // Only a run whose last checkpoint is whole did not fail.
      log.ended(training.isFinished() ? Outcome.FINISHED : Outcome.KILLED);
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
    if (isOnGpus()) {
      LOG.info("Tasks compute on GPUs, one task at a time on each");
      return settings.gradient().arithmetic().onGpus();
    }
    Arithmetic arithmetic = settings.gradient().arithmetic().onCpus();
    LOG.info(
        "Matrix products of {}, {} torch thread(s) a task",
        arithmetic.productsName(),
        arithmetic.threads());
    return arithmetic;
  }

  private BasePrecision precision() {
    return isOnGpus() ? BasePrecision.BFLOAT16 : BasePrecision.FLOAT32;
  }

  private boolean isOnGpus() {
    return ComputeDevice.areGpusOfTasks(spark.getConf());
  }

  private Optional<HeldOutLoss> heldOut(RunDescription run) {
    if (settings.checkpoints().heldOut().data().isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(
        HeldOutLoss.open(
            spark,
            run.lanes().model(),
            run.input().fittingData(),
            settings.checkpoints().heldOut()));
  }

  /** As Spark counts them now: executors may still come, or go. */
  private int tasksAtOnce() {
    SparkContext context = spark.sc();
    return ComputeDevice.atOnce(
        context.maxNumConcurrentTasks(context.resourceProfileManager().defaultResourceProfile()),
        spark.getConf());
  }

  private void requireHeaps(StepHeap heap) {
    heap.requireDriver(Runtime.getRuntime().maxMemory());
    if (!spark.isLocal()) {
      heap.requireExecutor(spark.getConf().getSizeAsBytes("spark.executor.memory", "1g"));
    }
  }
}
