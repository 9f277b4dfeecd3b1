package org.uiospark.data.jinja.value;

import java.util.List;

/** A tuple of Python, which differs from a list in how it is written and compared. */
public record Tuple(List<Object> items) {}
