package org.uiospark.data.jinja.value;

/** What one rendering may cost: a template is a program from outside. */
public final class Budget {
  /** Characters copied or compared, and nodes: eight million of those, some seconds at most. */
  private static final long WORK = 1L << 31;

  /** Characters of one text, elements of one list. */
  public static final int LARGEST = 64 << 20;

  private static final int NODE = 256;
  private static final int MAX_DEPTH = 100;

  private long left = WORK;
  private int depth;

  /** Pays for a result of so many characters or elements, before it is made. */
  public void charge(long size) {
    if (size > LARGEST) {
      throw new TemplateException("makes a text or list over " + LARGEST + " long");
    }
    left -= size;
    if (left < 0) {
      throw new TemplateException("takes too much work for one conversation");
    }
  }

  /** Pays for one step of any kind. */
  public void step() {
    charge(NODE);
  }

  /** Goes one call of a macro deeper. */
  public void enter(String macro) {
    step();
    if (++depth > MAX_DEPTH) {
      throw new TemplateException("calls macro " + macro + " too deeply");
    }
  }

  /** Comes back from a call of a macro. */
  public void leave() {
    depth--;
  }
}
