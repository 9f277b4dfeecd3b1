package org.uiospark.model.serve;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import org.uiospark.model.input.InputJson;
import org.uiospark.model.input.InvalidInputException;
import org.uiospark.model.segment.SegmentRatios;
import org.uiospark.model.text.TextTokenizer;

/**
 * What makes an adapter folder one that DJL's {@code Criteria} and DJL Serving load.
 *
 * <p>Beside the adapter lie the tokenizer, {@value #PROPERTIES}, which tells DJL the classes of
 * this package, and {@value #BASE_MODEL}, whose {@code path} says where the base model is: a base
 * model is many times the adapter and shared by many, so it is named, not copied. A path that is
 * not absolute starts at the folder.
 */
public final class ServingFiles {
  /** The tokenizer of the base model. */
  public static final String TOKENIZER = "tokenizer.json";

  /** The base model: what it is and where. */
  public static final String BASE_MODEL = "base_model.json";

  /** The file that DJL reads first. */
  public static final String PROPERTIES = "serving.properties";

  private static final String PATH_ARGUMENT = "base_model";

  private ServingFiles() {}

  /**
   * Content of {@value #PROPERTIES}; the defaults in it are those that hold without it.
   *
   * @param ratios that the adapter was trained for
   */
  public static String properties(SegmentRatios ratios) {
    return String.format(
            Locale.ROOT,
            """
        # DJL Serving, and Criteria with a DeferredTranslatorFactory, find everything here.
        engine=PyTorch
        blockFactory=%s
        translatorFactory=%s
        option.hasParameter=false
        # Any of these may also be an argument of Criteria, which comes first. So may base_model,
        # the directory of the base model, in place of the path in base_model.json.
        """,
            GenerationBlockFactory.class.getName(),
            GenerationTranslatorFactory.class.getName())
        + GenerationArguments.defaults(ratios);
  }

  /** The directory of the base model. */
  static Path baseModel(Path folder, Map<String, ?> arguments) {
    Object given = arguments.get(PATH_ARGUMENT);
    Path base =
        given == null
            ? folder.resolve(recordedPath(folder.resolve(BASE_MODEL)))
            : Path.of(given.toString());
    if (!Files.isDirectory(base)) {
      throw new InvalidInputException(
          String.format(
              Locale.ROOT,
              "the base model %s of %s is not here; give its local directory as the argument %s",
              base,
              folder,
              PATH_ARGUMENT));
    }
    return base;
  }

  /** The tokenizer of the export, else that of the base model. */
  static TextTokenizer tokenizer(Path folder, Path baseModel) {
    Path own = folder.resolve(TOKENIZER);
    return TextTokenizer.load(Files.exists(own) ? own : baseModel.resolve(TOKENIZER));
  }

  private static String recordedPath(Path file) {
    JsonNode path = InputJson.object(file).path("path");
    if (!path.isTextual()) {
      throw new InvalidInputException(file + " names no path; it takes the base model's directory");
    }
    return path.textValue();
  }
}
