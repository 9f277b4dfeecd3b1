package org.uiospark.data.jinja.value;

import java.util.Map;

/** The one value that a template can change. */
public record Namespace(Map<String, Object> attributes) {
  @Override
  public boolean equals(Object other) {
    return this == other;
  }

  @Override
  public int hashCode() {
    return System.identityHashCode(this);
  }
}
