package org.uiospark.jobs.memory;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.SparkSession;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.uiospark.data.storage.AtomicWrite;
import org.uiospark.data.storage.HadoopSettings;
import org.uiospark.data.storage.InputFile;
import org.uiospark.data.storage.OutputFolder;
import org.uiospark.jobs.checkpoint.AdapterSource;
import org.uiospark.jobs.memory.AnswerTask.Lane;
import org.uiospark.jobs.task.ModelFolder;
import org.uiospark.jobs.task.ModelReference;
import org.uiospark.jobs.task.SentAdapter;
import org.uiospark.jobs.task.TaskAnswer;
import org.uiospark.model.adapter.LoadedAdapter;
import org.uiospark.model.input.InvalidInputException;
import org.uiospark.model.input.Sha256;
import org.uiospark.model.llama.LlamaCheckpoint;
import org.uiospark.model.memory.MemoryFile;
import org.uiospark.model.memory.MemoryOrigin;
import org.uiospark.model.text.PieceEncoder;
import org.uiospark.model.text.PieceEncoder.Seam;
import org.uiospark.model.text.StreamedText;
import org.uiospark.model.text.TextTokenizer;
import scala.reflect.ClassTag$;
import scala.runtime.AbstractFunction2;
import scala.runtime.BoxedUnit;

/**
 * Answers many questions to texts that are memorized: those to one text are asked of memories that
 * are loaded once. A lane, some questions to a text, is kept as soon as it is answered, so a run
 * that is killed goes on from there.
 */
public final class Answer {
  private static final Logger LOG = LoggerFactory.getLogger(Answer.class);
  private static final JsonMapper JSON = JsonMapper.builder().build();

  /** Questions of a lane at most: which are together follows from the questions alone. */
  private static final int LANE = 32;

  private static final String RUN = "_run.json";
  private static final String ANSWERS = "answers.jsonl";

  private final AnswerSettings settings;
  private final OutputFolder output;
  private final TextTokenizer tokenizer;
  private final MemoryOrigin origin;
  private final List<List<Question>> questions = new ArrayList<>();
  private final List<Lane> lanes = new ArrayList<>();
  private final List<MemoryEntry> memories = new ArrayList<>();

  private Answer(
      AnswerSettings settings, OutputFolder output, TextTokenizer tokenizer, MemoryOrigin origin) {
    this.settings = settings;
    this.output = output;
    this.tokenizer = tokenizer;
    this.origin = origin;
  }

  /**
   * Answers all questions that have no answer yet.
   *
   * @return a line about what was done
   * @throws InvalidInputException if a question names no text that is memorized, the memories were
   *     made with something else, or the output holds answers of another run
   */
  public static String run(SparkSession session, AnswerSettings settings) {
    JavaSparkContext spark = JavaSparkContext.fromSparkContext(session.sparkContext());
    Configuration configuration = spark.hadoopConfiguration();
    OutputFolder output = OutputFolder.of(settings.output(), configuration);
    output.requireWritable();
    OutputFolder adapterFolder = OutputFolder.of(settings.adapter(), configuration);
    LoadedAdapter loaded = AdapterSource.adapter(adapterFolder);
    ModelFolder model = ModelFolder.of(settings.model(), configuration);
    try (LlamaCheckpoint checkpoint = LlamaCheckpoint.open(model.path());
        TextTokenizer tokenizer = model.tokenizer(adapterFolder)) {
      tokenizer.requireFit(checkpoint.config().vocabSize());
      ModelReference reference =
          ModelReference.of(model, checkpoint, loaded.config(), settings.memoryTokens());
      MemoryOrigin origin =
          MemoryOrigin.of(reference.fingerprint(), loaded.adapter(), reference.segments());
      Answer answer = new Answer(settings, output, tokenizer, origin);
      answer.lay(configuration);
      try (SentAdapter adapter = new SentAdapter(spark, reference, loaded.adapter())) {
        AnswerTask task =
            new AnswerTask(
                adapter.model(),
                origin,
                HadoopSettings.of(configuration),
                settings.batch(),
                settings.maxNewTokens(),
                settings.sampling());
        return answer.answer(spark, task);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Deals the questions out to lanes. */
  private void lay(Configuration configuration) throws IOException {
    OutputFolder folder = OutputFolder.of(settings.memories(), configuration);
    MemoryIndex index = MemoryIndex.read(folder, origin);
    Map<String, List<Question>> byText = new LinkedHashMap<>();
    for (Question question : Question.read(settings.questions(), configuration)) {
      if (index.named(question.memory()) == null) {
        throw new InvalidInputException(
            String.format(
                Locale.ROOT,
                "%s:%d asks of %s, which %s has not memorized; give the name that memorize printed",
                settings.questions(),
                question.line(),
                question.memory(),
                folder.root()));
      }
      byText.computeIfAbsent(question.memory(), key -> new ArrayList<>()).add(question);
    }
    PieceEncoder encoder = new PieceEncoder(tokenizer);
    for (Map.Entry<String, List<Question>> text : byText.entrySet()) {
      MemoryEntry entry = index.named(text.getKey());
      String file = InputFile.name(folder.file(entry.file()));
      Seam seam;
      try (MemoryFile memory = StoredMemory.open(file, configuration)) {
        seam = encoder.seam(memory.rest());
      }
      memories.add(entry);
      List<Question> all = text.getValue();
      for (int from = 0; from < all.size(); from += LANE) {
        List<Question> some = all.subList(from, Math.min(from + LANE, all.size()));
        ArrayList<int[]> prompts = new ArrayList<>();
        some.forEach(question -> prompts.add(encoder.behind(seam, question.prompt())));
        lanes.add(new Lane(lanes.size(), file, prompts));
        questions.add(some);
      }
    }
  }

  private String answer(JavaSparkContext spark, AnswerTask task) throws IOException {
    claim();
    long begin = System.nanoTime();
    List<Lane> left = lanes.stream().filter(lane -> !output.has(part(lane.number()))).toList();
    if (output.has(ANSWERS)) {
      left = List.of();
    } else if (!left.isEmpty()) {
      LOG.info("{} of {} lanes of questions are left", left.size(), lanes.size());
      Into into = new Into();
      spark
          .sc()
          .runJob(
              spark.parallelize(left, left.size()).rdd(),
              task,
              into,
              ClassTag$.MODULE$.apply(TaskAnswer.class));
      into.orRefuse();
    }
    join();
    int asked = left.stream().mapToInt(lane -> lane.prompts().size()).sum();
    return String.format(
        Locale.ROOT,
        "%s: %,d answers, %,d of them new, in %.1f s%n",
        output.file(ANSWERS),
        questions.stream().mapToInt(List::size).sum(),
        asked,
        (System.nanoTime() - begin) / 1e9);
  }

  /** Refuses an output in which other questions, or the same ones otherwise, were answered. */
  private void claim() throws IOException {
    ObjectNode run = JSON.createObjectNode();
    run.set("origin", JSON.valueToTree(origin));
    run.put("questions", Sha256.hex(JSON.writeValueAsBytes(questions)));
    run.put("memories", Sha256.hex(JSON.writeValueAsBytes(memories)));
    // The last digits of logits follow from what is computed together.
    run.put("batch", settings.batch());
    run.put("max_new_tokens", settings.maxNewTokens());
    run.put("temperature", settings.sampling().temperature());
    run.put("top_p", settings.sampling().topP());
    run.put("seed", settings.sampling().seed());
    byte[] content = JSON.writerWithDefaultPrettyPrinter().writeValueAsBytes(run);
    output.create();
    if (!output.create(RUN, content) && !Arrays.equals(output.read(RUN), content)) {
      throw new InvalidInputException(
          String.format(
              Locale.ROOT,
              "output %s holds answers to other questions, or with other settings or memories; name another",
              output.root()));
    }
  }

  private static String part(int lane) {
    return String.format(Locale.ROOT, "_part-%05d.jsonl", lane);
  }

  private void keep(AnswerTask.Answers answers) throws IOException {
    ByteArrayOutputStream lines = new ByteArrayOutputStream();
    for (int i = 0; i < answers.tokens().size(); i++) {
      Question question = questions.get(answers.number()).get(i);
      int[] tokens = answers.tokens().get(i);
      ObjectNode line = JSON.createObjectNode();
      line.put("line", question.line());
      if (question.id() != null) {
        line.set("id", question.id());
      }
      line.put("memory", question.memory());
      line.put("answer", text(lanes.get(answers.number()).prompts().get(i), tokens));
      line.put("tokens", tokens.length);
      lines.writeBytes((JSON.writeValueAsString(line) + "\n").getBytes(StandardCharsets.UTF_8));
    }
    output.replace(part(answers.number()), lines.toByteArray());
  }

  private String text(int[] prompt, int[] tokens) {
    StreamedText text = new StreamedText(tokenizer::decode, prompt);
    StringBuilder all = new StringBuilder();
    for (int token : tokens) {
      all.append(text.push(token));
    }
    return all.append(text.finish()).toString();
  }

  /** All lanes behind each other: that this file is there says that all questions are answered. */
  private void join() throws IOException {
    if (!output.has(ANSWERS)) {
      AtomicWrite.replace(
          output.fs(),
          output.file(ANSWERS),
          out -> {
            for (Lane lane : lanes) {
              try (InputStream in = output.open(part(lane.number()))) {
                in.transferTo(out);
              }
            }
          });
    }
    for (Lane lane : lanes) {
      output.delete(part(lane.number()));
    }
  }

  /** Takes what a task gives; Spark calls it from one thread at a time. */
  private final class Into
      extends AbstractFunction2<Object, TaskAnswer<AnswerTask.Answers>, BoxedUnit> {
    /** Thrown when the job has ended: what is thrown here is Spark's. */
    private String refusal;

    private IOException failure;

    @Override
    public BoxedUnit apply(Object place, TaskAnswer<AnswerTask.Answers> answer) {
      if (answer.refusal() != null) {
        refusal = answer.refusal();
      } else {
        try {
          keep(answer.value());
        } catch (IOException e) {
          failure = e;
        }
      }
      return BoxedUnit.UNIT;
    }

    void orRefuse() throws IOException {
      if (refusal != null) {
        throw new InvalidInputException(refusal);
      }
      if (failure != null) {
        throw failure;
      }
    }
  }
}
