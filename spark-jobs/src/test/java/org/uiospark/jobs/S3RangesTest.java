package org.uiospark.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.uiospark.data.dataset.FilledFiles;
import org.uiospark.data.dataset.SequenceDataSet;
import org.uiospark.jobs.options.ConfiguredCommand;

/** What a data set on S3 costs in requests and bytes, where a request takes 20 ms. */
@Tag("cluster")
class S3RangesTest {
  private static final Logger LOG = LoggerFactory.getLogger(S3RangesTest.class);
  private static final int FILES = 2000;
  private static final int VOCABULARY = 128;

  @TempDir static Path folder;
  private static S3Environment environment;
  private static S3Server s3;

  @BeforeAll
  static void start() throws Exception {
    environment = new S3Environment(folder, 1);
    s3 = environment.server();
    s3.createBucket("uio");
    s3.network().delay(20);
  }

  @AfterAll
  static void stop() throws Exception {
    environment.stop();
  }

  private static Path filled(String name, int files, int rows, int tokens, int segmentLength)
      throws IOException {
    Path set = folder.resolve(name);
    FilledFiles.write(set, files, rows, tokens, segmentLength, VOCABULARY);
    try (Stream<Path> written = Files.list(set)) {
      for (Path file : written.toList()) {
        s3.put("uio", name + "/" + file.getFileName(), Files.readAllBytes(file));
      }
    }
    return set;
  }

  @Test
  void aDataSetOfThousandsOfFilesIsOpenedByAFewRequests() throws Exception {
    Path local = filled("many", FILES, 2, 64, 32);
    s3.network().exchanges();

    long begin = System.nanoTime();
    SequenceDataSet data = SequenceDataSet.open("s3a://uio/many", ConfiguredCommand.hadoop());
    LOG.warn("{} files were opened in {} s", FILES, (System.nanoTime() - begin) / 1e9);
    List<FaultyNetwork.Exchange> opening = s3.network().exchanges();
    int index = FILES + 1;
    int[] read = data.sequence(index).inputIds();
    List<FaultyNetwork.Exchange> reading = s3.network().exchanges();

    // The folder is listed by pages of a thousand names; besides there are the bucket and the
    // state.
    assertThat(opening).hasSizeLessThanOrEqualTo(FILES / 1000 + 6);
    assertThat(opening).noneMatch(exchange -> exchange.request().contains("/data-"));
    assertThat(data.size()).isEqualTo(2L * FILES);
    assertThat(read)
        .isEqualTo(
            SequenceDataSet.open(local.toString(), new Configuration()).sequence(index).inputIds());
    assertThat(reading)
        .hasSizeLessThanOrEqualTo(12)
        .allMatch(exchange -> exchange.request().startsWith("GET /uio/many/data-01000-"));
  }

  @Test
  void aStepOfTrainingReadsItsRowsAndLittleElse() throws Exception {
    int batch = 2;
    int tokens = 16_384;
    filled("long", 8, 16, tokens, 256);
    s3.network().exchanges();

    CommandRun run =
        CommandRun.of(
            "train",
            "--model",
            CommandInput.TINY,
            "--data",
            "s3a://uio/long",
            "--output",
            folder.resolve("run"),
            "--steps",
            1,
            "--batch",
            batch,
            "--segment-length",
            256,
            "--memory-tokens",
            8,
            "--rank",
            4,
            "--estimator",
            "unbiased",
            "--window",
            1);
    assertThat(run.err()).isEmpty();
    assertThat(run.status()).as(environment::said).isZero();

    List<FaultyNetwork.Exchange> data =
        s3.network().exchanges().stream()
            .filter(exchange -> exchange.request().contains("/data-"))
            .toList();
    long bytes = data.stream().mapToLong(FaultyNetwork.Exchange::bytes).sum();
    long rows = (long) batch * tokens * Integer.BYTES;
    LOG.warn("{} bytes in {} requests for rows of {} bytes", bytes, data.size(), rows);
    assertThat(data).allMatch(exchange -> exchange.request().startsWith("GET "));
    assertThat(bytes).isBetween(rows, rows * 3 / 2);
  }
}
