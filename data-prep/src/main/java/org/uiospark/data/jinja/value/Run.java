package org.uiospark.data.jinja.value;

import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;

/** One rendering: what it has written, and what wrote it. */
public final class Run {
  /** What the rendering may still cost. */
  public final Budget budget = new Budget();

  /** The time that the template is told. */
  public final LocalDateTime now;

  private final List<?> messages;
  private final Map<Object, Integer> indices = new IdentityHashMap<>();
  private final List<Span> generated = new ArrayList<>();
  private final Span[] spans;
  private final boolean[] several;
  private final StringBuilder text = new StringBuilder();
  private StringBuilder out = text;

  /**
   * A rendering that has written nothing.
   *
   * @param messages of the conversation; told apart by identity
   * @param now the time that the template is told
   */
  public Run(List<?> messages, LocalDateTime now) {
    this.messages = messages;
    this.now = now;
    this.spans = new Span[messages.size()];
    this.several = new boolean[messages.size()];
    for (int i = 0; i < messages.size(); i++) {
      indices.put(messages.get(i), i);
    }
  }

  /** Writes a piece of text. */
  public void write(String piece) {
    budget.charge(
        out.length() + (long) piece.length() > Budget.LARGEST
            ? Budget.LARGEST + 1L
            : piece.length());
    out.append(piece);
  }

  /** Whether what is written now goes into the text itself, not into a value. */
  public boolean writesText() {
    return out == text;
  }

  /** Characters written so far. */
  public int position() {
    return out.length();
  }

  /** What an action writes, as a value. */
  public String captured(Runnable action) {
    StringBuilder outer = out;
    out = new StringBuilder();
    try {
      action.run();
      return out.toString();
    } finally {
      out = outer;
    }
  }

  /** Notes that a {@code generation} block wrote what is behind a position. */
  public void generated(int start) {
    generated.add(new Span(start, position()));
  }

  /** Notes that a loop over values has written what is now behind a position, for one of them. */
  public void wrote(Object value, int start) {
    Integer index = writesText() && start < position() ? indices.get(value) : null;
    if (index != null) {
      several[index] |= spans[index] != null;
      spans[index] = new Span(start, position());
    }
  }

  /** What was written. */
  public Rendered rendered() {
    List<Span> single = new ArrayList<>();
    for (int i = 0; i < messages.size(); i++) {
      single.add(several[i] ? null : spans[i]);
    }
    return new Rendered(text.toString(), List.copyOf(generated), single);
  }
}
