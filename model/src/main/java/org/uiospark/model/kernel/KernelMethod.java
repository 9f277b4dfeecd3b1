package org.uiospark.model.kernel;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A method of the kernels and the record that calls it: which component is which argument.
 *
 * <p>DJL tells lists and dictionaries of tensors from the names of the tensors, {@code keys[]} and
 * {@code weights.norm}. They get these names here, so a tensor that stands in a list or a
 * dictionary belongs to that argument from then on.
 */
final class KernelMethod {
  private static final Map<Class<?>, String> TYPES =
      Map.of(NDArray.class, "Tensor", NDList.class, "List[Tensor]", Map.class, "Dict[str, Tensor]");

  /** An argument and where a call has it. */
  private record Argument(String name, Class<?> type, Function<Object, Object> value) {
    String declaration() {
      return name + ": " + TYPES.get(type);
    }
  }

  private final String name;
  private final List<Argument> arguments;

  private KernelMethod(String name, List<Argument> arguments) {
    this.name = name;
    this.arguments = arguments;
  }

  /**
   * Binds a record to the method of its name.
   *
   * @param call record of {@link KernelCall}
   * @param source TorchScript that defines the method, its signature on one line
   * @throws IllegalStateException if there is no such method, or if names or types of the arguments
   *     differ
   */
  static KernelMethod of(Class<?> call, String source) {
    String name = underscored(call.getSimpleName());
    Matcher definition =
        Pattern.compile("(?m)^ *def " + name + "\\(self, (.*)\\) -> .*:$").matcher(source);
    if (!definition.find()) {
      throw new IllegalStateException("the kernels have no method " + name);
    }
    Map<String, Argument> given = new LinkedHashMap<>();
    collect(call, Function.identity(), given);
    List<Argument> arguments = new ArrayList<>();
    // Types hold commas too, names do not.
    for (String declaration : definition.group(1).split(", (?=\\w+:)")) {
      Argument argument = given.remove(declaration.substring(0, declaration.indexOf(':')));
      if (argument == null || !argument.declaration().equals(declaration)) {
        throw new IllegalStateException(
            String.format(
                Locale.ROOT,
                "the kernel %s takes %s, which %s does not give",
                name,
                declaration,
                call.getSimpleName()));
      }
      arguments.add(argument);
    }
    for (Argument argument : given.values()) {
      throw new IllegalStateException(
          String.format(
              Locale.ROOT,
              "%s gives %s, which the kernel %s does not take",
              call.getSimpleName(),
              argument.declaration(),
              name));
    }
    return new KernelMethod(name, arguments);
  }

  private static void collect(
      Class<?> type, Function<Object, Object> owner, Map<String, Argument> into) {
    for (RecordComponent component : type.getRecordComponents()) {
      Function<Object, Object> value = owner.andThen(record -> read(component, record));
      if (component.getType().isRecord()) {
        collect(component.getType(), value, into);
      } else {
        String name = underscored(component.getName());
        into.put(name, new Argument(name, component.getType(), value));
      }
    }
  }

  private static Object read(RecordComponent component, Object record) {
    try {
      return component.getAccessor().invoke(record);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(component + " cannot be read", e);
    }
  }

  private static String underscored(String name) {
    String words = name.replaceAll("([A-Z])", "_$1").toLowerCase(Locale.ROOT);
    return words.startsWith("_") ? words.substring(1) : words;
  }

  /** Name in the kernels. */
  String name() {
    return name;
  }

  /** The tensors of a call, in the order and under the names from which DJL makes the arguments. */
  NDList tensors(KernelCall call) {
    NDList tensors = new NDList();
    for (Argument argument : arguments) {
      Object value = argument.value().apply(call);
      if (value instanceof NDArray array) {
        tensors.add(named(array, null));
      } else if (value instanceof NDList list) {
        list.forEach(array -> tensors.add(named(array, argument.name() + "[]")));
      } else {
        ((Map<?, ?>) value)
            .forEach(
                (key, array) -> tensors.add(named((NDArray) array, argument.name() + "." + key)));
      }
    }
    return tensors;
  }

  private NDArray named(NDArray array, String wanted) {
    String before = array.getName();
    if (before == null) {
      array.setName(wanted);
    } else if (!before.equals(wanted)) {
      throw new IllegalStateException(
          String.format(
              Locale.ROOT,
              "the kernel %s wants a tensor as %s that is %s already: give it a view",
              name,
              wanted,
              before));
    }
    return array;
  }
}
