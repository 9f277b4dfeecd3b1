package org.uiospark.data.storage;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.uiospark.model.input.InputJson;
import org.uiospark.model.input.InvalidInputException;
import org.uiospark.model.input.UnicodeReader;

/**
 * A file with a JSON object a line, all of which is wanted at once. Empty lines are passed over.
 *
 * @param uri of the file
 * @param kind what messages call it, such as "qa file"
 * @param format what a message asks for where it cannot be read, such as "in LongBench's format"
 * @param configuration of its file system
 */
public record JsonLines(String uri, String kind, String format, Configuration configuration) {
  /** Makes a value of a line. */
  @FunctionalInterface
  public interface Parser<T> {
    /**
     * @param number of the line, from 1
     * @param where file and line, for messages
     * @param json the object
     */
    T parse(int number, String where, JsonNode json);
  }

  /**
   * The values of all lines.
   *
   * @throws InvalidInputException naming the line that is no object, or if the file cannot be read,
   *     is no Unicode text or holds no line
   */
  public <T> List<T> read(Parser<T> parser) {
    Path file = InputFile.path(uri);
    List<T> values = new ArrayList<>();
    try (UnicodeReader text = new UnicodeReader(file.getFileSystem(configuration).open(file));
        BufferedReader lines = new BufferedReader(text)) {
      int number = 0;
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        number++;
        if (!line.isBlank()) {
          String where = uri + ":" + number;
          JsonNode json = InputJson.object(where, line.getBytes(StandardCharsets.UTF_8));
          values.add(parser.parse(number, where, json));
        }
      }
      if (text.replaced() > 0) {
        throw new InvalidInputException(
            String.format(Locale.ROOT, "%s %s is not UTF-8 text; convert it to UTF-8", kind, uri));
      }
    } catch (IOException e) {
      throw new InvalidInputException(
          String.format(
              Locale.ROOT,
              "%s %s cannot be read: %s; name a JSONL file %s",
              kind,
              uri,
              e.getMessage(),
              format),
          e);
    }
    if (values.isEmpty()) {
      throw new InvalidInputException(kind + " " + uri + " holds no line; name another");
    }
    return values;
  }
}
