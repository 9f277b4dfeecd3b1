package org.uiospark.data.jinja.value;

import java.util.List;

/** What filters such as {@code map} give: a list that can be walked once. */
public final class Generator {
  private List<Object> items;

  /** A walk over items. */
  public Generator(List<Object> items) {
    this.items = items;
  }

  List<Object> rest() {
    List<Object> rest = items;
    items = List.of();
    return rest;
  }

  /** Takes the first item that is left; undefined if none is. */
  public Object next() {
    Object first = items.isEmpty() ? new Undefined("the first item of nothing") : items.get(0);
    items = items.isEmpty() ? items : items.subList(1, items.size());
    return first;
  }
}
