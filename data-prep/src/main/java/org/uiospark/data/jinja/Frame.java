package org.uiospark.data.jinja;

import java.util.HashSet;
import java.util.Set;

/**
 * The names of a part of a template that has a scope of its own, as Jinja2 finds them before it
 * runs.
 *
 * <p>Where such a part sets a name before it reads it, outside of any {@code if}, the name is its
 * own from the start: until it is set, what the caller gave under it is not seen.
 */
final class Frame {
  private final Frame outer;
  private final Set<String> known = new HashSet<>();
  private final Set<String> own = new HashSet<>();
  private int branches;

  /** Found once, by any thread. */
  private volatile Set<String> undefined;

  Frame(Frame outer) {
    this.outer = outer;
  }

  Frame outer() {
    return outer;
  }

  void read(String name) {
    known.add(name);
  }

  void set(String name) {
    if (known.add(name) && branches == 0) {
      own.add(name);
    }
  }

  void enterBranch() {
    branches++;
  }

  void leaveBranch() {
    branches--;
  }

  /** Names that are undefined where the part begins; asked when the whole template is read. */
  Set<String> undefined() {
    Set<String> found = undefined;
    if (found == null) {
      found = new HashSet<>(own);
      for (Frame frame = outer; frame != null; frame = frame.outer) {
        found.removeAll(frame.known);
      }
      undefined = found;
    }
    return found;
  }
}
