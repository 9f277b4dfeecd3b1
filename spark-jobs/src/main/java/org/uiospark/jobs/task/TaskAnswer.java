package org.uiospark.jobs.task;

import java.io.Serializable;
import java.util.function.Supplier;
import org.uiospark.model.input.InvalidInputException;
import org.uiospark.model.segment.NonFiniteException;

/**
 * The result of a task, or why it refused its input: an exception would have Spark run the task
 * again, in vain, with a stack trace in the log each time.
 *
 * @param value the result, null if the input was refused
 * @param refusal the message for the user, null if it was not
 */
public record TaskAnswer<T extends Serializable>(T value, String refusal) implements Serializable {

  /** Does the work of a task; what belongs to its machine is thrown on, and tried elsewhere. */
  public static <T extends Serializable> TaskAnswer<T> of(Supplier<T> work) {
    try {
      return new TaskAnswer<>(NativeMemory.guard(work), null);
    } catch (InvalidInputException | NonFiniteException e) {
      return new TaskAnswer<>(null, e.getMessage());
    }
  }

  /**
   * The result, on the driver.
   *
   * @throws InvalidInputException if the task refused its input
   */
  public T orRefuse() {
    if (refusal != null) {
      throw new InvalidInputException(refusal);
    }
    return value;
  }
}
