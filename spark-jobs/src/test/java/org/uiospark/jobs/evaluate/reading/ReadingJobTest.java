package org.uiospark.jobs.evaluate.reading;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Device;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.uiospark.data.dataset.SequenceDataSet;
import org.uiospark.data.prep.PrepJob;
import org.uiospark.data.settings.Cutting;
import org.uiospark.data.settings.Objective;
import org.uiospark.data.settings.PrepSettings;
import org.uiospark.data.settings.RecordFields;
import org.uiospark.data.settings.Repeats;
import org.uiospark.data.settings.TextReading;
import org.uiospark.jobs.LocalSpark;
import org.uiospark.jobs.task.HeldOutData;
import org.uiospark.jobs.task.Subject;
import org.uiospark.jobs.task.TaskData;
import org.uiospark.model.adapter.Adapter;
import org.uiospark.model.adapter.AdapterConfig;
import org.uiospark.model.adapter.AdapterFiles;
import org.uiospark.model.adapter.AdapterShape;
import org.uiospark.model.adapter.LoadedAdapter;
import org.uiospark.model.gradient.SequenceChunk;
import org.uiospark.model.kernel.Arithmetic;
import org.uiospark.model.kernel.BasePrecision;
import org.uiospark.model.kernel.DeviceAdapter;
import org.uiospark.model.kernel.FrozenLlama;
import org.uiospark.model.kernel.MemoryBank;
import org.uiospark.model.kernel.MemoryModel;
import org.uiospark.model.llama.LlamaCheckpoint;
import org.uiospark.model.reading.SequenceEvaluation;
import org.uiospark.model.segment.SegmentSettings;
import org.uiospark.model.segment.TokenSequence;

@Tag("cluster")
class ReadingJobTest {
  private static final Path EMBEDDED = Path.of("src/main/resources/org/uiospark/jobs/quickstart");
  private static final Path MODEL = EMBEDDED.resolve("model");
  private static final int WINDOW = 96;

  @TempDir Path folder;

  /** The losses of each segment of a chunk: with memory, alone, with a window. */
  private record Losses() implements ChunkWork<ArrayList<List<Double>>> {
    @Override
    public ArrayList<List<Double>> of(
        SequenceEvaluation text, SequenceChunk chunk, MemoryBank memories, double seconds) {
      assertThat(seconds).isPositive();
      return new ArrayList<>(
          IntStream.range(chunk.from(), chunk.to())
              .mapToObj(t -> losses(text, memories, t))
              .toList());
    }

    static List<Double> losses(SequenceEvaluation text, MemoryBank memories, int t) {
      return List.of(
          text.withMemory(memories, t, t + 1).sum(),
          text.withoutMemory(t, t + 1).sum(),
          text.withWindow(WINDOW, t, t + 1).sum());
    }
  }

  @Test
  void whatManyTasksReadOfASequenceIsWhatOneReads() throws Exception {
    LoadedAdapter loaded = saved();
    SparkSession session = LocalSpark.start(2);
    try {
      JavaSparkContext spark = JavaSparkContext.fromSparkContext(session.sparkContext());
      prepare(session);
      try (Subject subject = Subject.open(spark, MODEL.toString(), path("adapter"))) {
        SequenceDataSet data = HeldOutData.open(subject, path("data"));
        ReadingJob job = new ReadingJob(spark, TaskData.of(data, spark.hadoopConfiguration()));
        List<Long> indices = HeldOutData.spread(data, 4);
        List<ReadText> texts = texts(indices, job.lengths(indices));
        assertThat(texts).anyMatch(text -> text.chunks() > 2).anyMatch(text -> text.chunks() == 1);

        List<Read<ArrayList<List<Double>>>> read =
            job.read(subject.forTasks(100), texts, new Losses());

        assertThat(read).hasSameSizeAs(texts);
        for (int i = 0; i < read.size(); i++) {
          ReadText text = texts.get(i);
          assertThat(read.get(i).chunks()).hasSize(text.chunks());
          assertRead(read.get(i), text, data.sequence(text.index()), loaded);
        }
      }
    } finally {
      session.stop();
    }
  }

  private static List<ReadText> texts(List<Long> indices, List<Integer> lengths) {
    return IntStream.range(0, indices.size())
        .mapToObj(
            i -> {
              int segments = (lengths.get(i) - 1) / 32 + 1;
              List<Integer> counts = segments > 20 ? List.of(1, 7, 20) : List.of();
              return new ReadText(indices.get(i), segments, segments - 2, counts);
            })
        .toList();
  }

  /** Bit for bit, by one thread that holds the whole sequence. */
  private static void assertRead(
      Read<ArrayList<List<Double>>> read,
      ReadText text,
      TokenSequence sequence,
      LoadedAdapter loaded) {
    try (FrozenLlama base = FrozenLlama.load(MODEL, Device.cpu(), BasePrecision.FLOAT32);
        MemoryModel model =
            new MemoryModel(
                base, loaded.config().settings(), loaded.adapter().shape(), Arithmetic.here(1));
        DeviceAdapter adapter = model.upload(loaded.adapter())) {
      SequenceEvaluation whole = new SequenceEvaluation(model, sequence);
      List<byte[]> memories = new ArrayList<>();
      try (MemoryBank bank = whole.bank()) {
        byte[] rows =
            whole.encode(
                0, text.segments() - 1, adapter, (memory, s) -> memories.add(model.bytes(memory)));
        bank.put(0, rows, BasePrecision.FLOAT32);
        List<List<Double>> expected =
            IntStream.range(0, text.segments())
                .mapToObj(t -> Losses.losses(whole, bank, t))
                .toList();
        assertThat(read.chunks().stream().flatMap(List::stream).toList()).isEqualTo(expected);
      }
      List<Double> target = new ArrayList<>();
      for (int count : text.counts()) {
        target.add(
            whole.behind(
                text.target(),
                count,
                memories.subList(text.target() - count, text.target()).iterator(),
                adapter));
      }
      assertThat(read.target()).isEqualTo(target);
    }
  }

  private LoadedAdapter saved() throws IOException {
    try (LlamaCheckpoint base = LlamaCheckpoint.open(MODEL)) {
      AdapterShape shape = AdapterShape.of(base.config(), 4, 8);
      float[] values = new float[shape.size()];
      for (int i = 0; i < values.length; i++) {
        values[i] = 0.01f * (i % 7 - 3);
      }
      AdapterConfig config =
          AdapterConfig.of(
              AdapterConfig.BaseModel.of("tiny", base.fingerprint(), base.config()),
              new SegmentSettings(32, 4),
              shape,
              Map.of());
      LoadedAdapter adapter = new LoadedAdapter(new Adapter(shape, values), config);
      AdapterFiles.save(folder.resolve("adapter"), adapter.adapter(), config);
      return adapter;
    }
  }

  /** A long sequence, and one of one segment. */
  private void prepare(SparkSession session) throws IOException {
    Path texts = Files.createDirectory(folder.resolve("texts"));
    String book = Files.readString(EMBEDDED.resolve("books/emma.txt"));
    Files.writeString(texts.resolve("long.txt"), book.substring(2000, 8000));
    Files.writeString(texts.resolve("short.txt"), book.substring(2000, 2060));
    PrepSettings settings =
        new PrepSettings(
            List.of(texts.toString()),
            path("data"),
            MODEL + "/tokenizer.json",
            Objective.LM,
            new Cutting(32, 100, 1, 0),
            new TextReading(RecordFields.ofText("text"), 0.001),
            Repeats.KEPT,
            2_000_000,
            0.01);
    new PrepJob(session, settings).run();
  }

  private String path(String name) {
    return folder.resolve(name).toString();
  }
}
