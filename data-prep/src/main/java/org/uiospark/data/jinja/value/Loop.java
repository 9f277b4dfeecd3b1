package org.uiospark.data.jinja.value;

import java.util.ArrayList;
import java.util.List;

/** The variable {@code loop} of a {@code for}. */
public final class Loop {
  private final List<Object> items;
  private int index;
  private List<Object> changed;

  /** A loop before its first item. */
  public Loop(List<Object> items) {
    this.items = items;
  }

  /** Goes to the next item. */
  public void next() {
    index++;
  }

  int length() {
    return items.size();
  }

  /** An attribute, which may be {@code null}. */
  public Object attribute(String name) {
    return switch (name) {
      case "index" -> (long) index;
      case "index0" -> index - 1L;
      case "revindex" -> (long) items.size() - index + 1;
      case "revindex0" -> (long) items.size() - index;
      case "first" -> index == 1;
      case "last" -> index == items.size();
      case "length" -> (long) items.size();
      case "depth" -> 1L;
      case "depth0" -> 0L;
      case "previtem" -> index == 1 ? new Undefined("loop.previtem") : items.get(index - 2);
      case "nextitem" -> index == items.size() ? new Undefined("loop.nextitem") : items.get(index);
      case "cycle" -> (Function) (arguments, run) -> cycle(arguments);
      case "changed" -> (Function) this::changed;
      default -> new Undefined("loop." + name);
    };
  }

  private Object cycle(Arguments arguments) {
    List<Object> values = arguments.rest();
    arguments.end();
    if (values.isEmpty()) {
      throw new TemplateException("no items for cycling given");
    }
    return values.get((index - 1) % values.size());
  }

  private Object changed(Arguments arguments, Run run) {
    List<Object> values = new ArrayList<>(arguments.rest());
    arguments.end();
    boolean changes = changed == null || !Comparisons.equal(changed, values, run.budget);
    changed = values;
    return changes;
  }
}
