package org.uiospark.data.jinja;

import java.util.List;

/** A tuple of Python, which differs from a list in how it is written and compared. */
record Tuple(List<Object> items) {}
