package org.uiospark.data.settings;

import java.io.Serializable;
import java.util.List;
import org.uiospark.model.input.InvalidInputException;

/**
 * Which fields of a record, or columns of a table, hold what.
 *
 * @param text the text of a document
 * @param id its id
 * @param prompts for examples of other columns than those that prep knows: what is asked; else
 *     empty
 * @param answers the one that is learned from them; empty as {@code prompts} is
 */
public record RecordFields(
    FieldPath text, FieldPath id, List<FieldPath> prompts, List<FieldPath> answers)
    implements Serializable {
  /** The id where no other field is named; a table need not have it. */
  public static final FieldPath ID = new FieldPath("id");

  /** Checks that prompts come with an answer. */
  public RecordFields {
    prompts = List.copyOf(prompts);
    answers = List.copyOf(answers);
    if (answers.size() > 1 || prompts.isEmpty() != answers.isEmpty()) {
      throw new InvalidInputException(
          "prompt-fields and response-field go together: name what is asked, and the one that is learned");
    }
  }

  /** Documents with their text in a field. */
  public static RecordFields ofText(String text) {
    return new RecordFields(new FieldPath(text), ID, List.of(), List.of());
  }
}
