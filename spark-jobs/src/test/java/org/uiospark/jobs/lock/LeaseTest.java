package org.uiospark.jobs.lock;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.apache.hadoop.conf.Configuration;
import org.apache.logging.log4j.Level;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.core.Appender;
import org.apache.logging.log4j.core.LoggerContext;
import org.apache.logging.log4j.core.appender.OutputStreamAppender;
import org.apache.logging.log4j.core.config.LoggerConfig;
import org.apache.logging.log4j.core.layout.PatternLayout;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.uiospark.data.storage.OutputFolder;
import org.uiospark.model.input.InvalidInputException;

@Timeout(60)
class LeaseTest {
  private static final Duration LEASE = Duration.ofMinutes(1);

  private static final LoggerContext LOGS = (LoggerContext) LogManager.getContext(false);

  @TempDir Path output;
  private LockFiles files;
  private final FakeClock clock = new FakeClock();

  private interface Deed {
    void run() throws IOException;
  }

  /** Stands still but for who sleeps by it; at some seconds of it something happens. */
  private static final class FakeClock implements LeaseClock {
    private final Map<Double, Deed> deeds = new TreeMap<>();
    private long nanos = -17;

    @Override
    public long nanos() {
      return nanos;
    }

    @Override
    public void sleep(Duration time) {
      nanos += time.toNanos();
      deeds
          .entrySet()
          .removeIf(
              deed -> {
                boolean due = deed.getKey() <= seconds();
                if (due) {
                  assertThatCode(deed.getValue()::run).doesNotThrowAnyException();
                }
                return due;
              });
    }

    double seconds() {
      return (nanos + 17) / 1e9;
    }
  }

  @BeforeEach
  void open() {
    files = new LockFiles(OutputFolder.of(output.toString(), new Configuration()));
  }

  private static LockHolder elsewhere(String id, int leaseSeconds) {
    return new LockHolder(id, id, "boot of " + id, 4711, "2026-01-02T03:04:05Z", leaseSeconds);
  }

  /** The lock of a machine that cannot be seen from here. */
  private LockHolder lockedFromElsewhere() throws IOException {
    LockHolder holder = elsewhere("box-7", 60);
    assertThat(files.create(holder)).isTrue();
    return holder;
  }

  private Acquisition acquisition() {
    return new Acquisition(files, LockHolder.thisProcess(LEASE), clock);
  }

  private Lease taken() throws IOException {
    return acquisition().take();
  }

  private List<Path> left() throws IOException {
    try (var all = Files.list(output)) {
      return all.map(Path::getFileName).sorted().toList();
    }
  }

  @Test
  void aSilentHolderIsTakenOverAfterItsLeaseAndNotBefore() throws Exception {
    LockHolder other = lockedFromElsewhere();
    files.renew(other, 3);

    Lease lease = taken();

    assertThat(clock.seconds()).isBetween(60.0, 65.0);
    lease.requireHeld();
    lease.renew();
    assertThat(left()).map(Path::toString).containsExactly("train.lease", "train.lock");
    assertThat(files.renewals(other)).isZero();
  }

  @Test
  void aHolderThatRenewsIsLeftAloneHoweverLateInItsLease() throws Exception {
    LockHolder other = lockedFromElsewhere();
    files.renew(other, 3);
    for (double second : new double[] {0.5, 20, 59.5}) {
      clock.nanos = -17;
      long next = files.renewals(other) + 1;
      clock.deeds.put(second, () -> files.renew(other, next));

      assertThatThrownBy(this::taken)
          .isInstanceOf(InvalidInputException.class)
          .hasMessageContaining(
              "is locked: process 4711 on box-7, since 2026-01-02T03:04:05Z writes it")
          .hasMessageContaining(
              "renewed just now; wait until that ends, or stop it, or name another");
      assertThat(clock.seconds()).isBetween(second, second + 2);
      assertThat(files.holder()).contains(other);
    }
  }

  @Test
  void aHolderThatLetsGoIsNotWaitedForAnyLonger() throws Exception {
    lockedFromElsewhere();
    clock.deeds.put(10.0, files::delete);

    taken().requireHeld();

    assertThat(clock.seconds()).isBetween(10.0, 12.0);
  }

  @Test
  void whoeverWaitsIsToldWhenAnotherTookOver() throws Exception {
    lockedFromElsewhere();
    LockHolder third = elsewhere("box-8", 60);
    clock.deeds.put(
        30.0,
        () -> {
          files.delete();
          assertThat(files.create(third)).isTrue();
        });

    assertThatThrownBy(this::taken).hasMessageContaining("another process took it just now");
    assertThat(files.holder()).contains(third);
  }

  @Test
  void whoeverTookOverAndLostItAtTheSameMomentIsTold() throws Exception {
    lockedFromElsewhere();
    LockHolder third = elsewhere("box-8", 60);
    // While this one waits for such a thing to show.
    clock.deeds.put(
        61.5,
        () -> {
          files.delete();
          assertThat(files.create(third)).isTrue();
        });

    assertThatThrownBy(this::taken).hasMessageContaining("another process took it just now");
    assertThat(files.holder()).contains(third);
  }

  @Test
  void ofManyThatWaitOneHoldsIt() throws Exception {
    assertThat(files.create(elsewhere("box-7", 1))).isTrue();
    ExecutorService threads = Executors.newFixedThreadPool(8);
    List<Callable<Lease>> tries = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      LockHolder own = elsewhere("waiting-" + i, 60);
      tries.add(
          () -> {
            try {
              return new Acquisition(files, own, LeaseClock.SYSTEM).take();
            } catch (InvalidInputException e) {
              return null;
            }
          });
    }
    int holding = 0;
    for (Future<Lease> one : threads.invokeAll(tries)) {
      holding += one.get() != null && one.get().isHeld() ? 1 : 0;
    }
    threads.shutdown();

    assertThat(holding).isEqualTo(1);
  }

  @Test
  void aHolderIsSeenToBeAliveWhateverItDoes() throws Exception {
    LockHolder other = elsewhere("box-7", 2);
    Lease lease = new Acquisition(files, other, LeaseClock.SYSTEM).take();
    lease.start();

    assertThatThrownBy(() -> new Acquisition(files, elsewhere("x", 2), LeaseClock.SYSTEM).take())
        .hasMessageContaining("renewed just now");
    lease.close();
    lease.requireHeld();
  }

  @Test
  void whatKeepsItFromRenewingForAWhileIsPassedOver() throws Exception {
    LockHolder holder = elsewhere("box-7", 1);
    // A folder with something in it is not replaced by a file.
    Path inTheWay = Files.createDirectories(output.resolve("train.lease").resolve("x"));
    Lease lease = new Acquisition(files, holder, LeaseClock.SYSTEM).take();
    ByteArrayOutputStream said = new ByteArrayOutputStream();
    logTo(said);
    lease.start();
    // Several tries.
    Thread.sleep(700);
    assertThatThrownBy(lease::renew).isInstanceOf(IOException.class);
    Files.delete(inTheWay);
    Files.delete(inTheWay.getParent());

    while (files.renewals(holder) == 0) {
      Thread.sleep(10);
    }
    lease.close();
    LOGS.getConfiguration().removeLogger(Lease.class.getName());
    LOGS.updateLoggers();
    assertThat(left()).map(Path::toString).containsExactly("train.lease", "train.lock");
    assertThat(said.toString(StandardCharsets.UTF_8))
        .containsOnlyOnce("cannot be renewed: java.nio.file.")
        .contains("another run may take over 1 s after the last renewal");
  }

  /** What the lease says, as submit.sh would log it. */
  private static void logTo(ByteArrayOutputStream said) {
    Appender appender =
        OutputStreamAppender.createAppender(
            PatternLayout.newBuilder().withPattern("%m%n").build(),
            null,
            said,
            "said",
            false,
            true);
    appender.start();
    LoggerConfig log = new LoggerConfig(Lease.class.getName(), Level.INFO, false);
    log.addAppender(appender, Level.ALL, null);
    LOGS.getConfiguration().addLogger(log.getName(), log);
    LOGS.updateLoggers();
  }

  @Test
  void whoeverStoodStillGivesASignOfLifeAndWaitsBeforeItWrites() throws Exception {
    LockHolder own = LockHolder.thisProcess(LEASE);
    Lease lease = new Acquisition(files, own, clock).take();
    lease.requireHeld();
    assertThat(files.renewals(own)).isZero();

    clock.sleep(LEASE.plusSeconds(1));
    double woken = clock.seconds();
    lease.requireHeld();

    assertThat(files.renewals(own)).isEqualTo(1);
    assertThat(clock.seconds()).isGreaterThan(woken);
    double settled = clock.seconds();
    lease.requireHeld();
    assertThat(clock.seconds()).isEqualTo(settled);
  }

  @Test
  void whoeverStoodStillWhileAnotherTookOverIsToldAndWritesNothing() throws Exception {
    Lease lease = taken();
    clock.sleep(LEASE.plusSeconds(1));
    LockHolder third = elsewhere("box-8", 60);
    files.delete();
    assertThat(files.create(third)).isTrue();
    files.renew(third, 1);

    for (int i = 0; i < 2; i++) {
      assertThatThrownBy(lease::requireHeld)
          .isInstanceOf(InvalidInputException.class)
          .hasMessageContaining("no longer locked by this run: process 4711 on box-8, since")
          .hasMessageContaining("took it over; nothing more is written");
    }
    lease.renew();
    assertThat(files.holder()).contains(third);
    assertThat(files.renewals(third)).isEqualTo(1);
  }

  @Test
  void whoeverIsTakenOverTheMomentThatItWakesIsTold() throws Exception {
    Lease lease = taken();
    clock.sleep(LEASE.plusSeconds(1));
    LockHolder third = elsewhere("box-8", 60);
    clock.deeds.put(
        61.5,
        () -> {
          files.delete();
          assertThat(files.create(third)).isTrue();
        });

    assertThatThrownBy(lease::requireHeld).hasMessageContaining("took it over");
  }

  @Test
  void aRenewalThatComesLateTakesNothingBack() throws Exception {
    LockHolder former = lockedFromElsewhere();
    Lease lease = taken();

    files.renew(former, 9);

    lease.requireHeld();
    lease.renew();
    lease.requireHeld();
    assertThat(files.renewals(former)).isZero();
  }
}
