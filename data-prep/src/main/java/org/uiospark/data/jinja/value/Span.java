package org.uiospark.data.jinja.value;

/**
 * A part of a text.
 *
 * @param start its first {@code char}
 * @param end the one behind its last
 */
public record Span(int start, int end) {}
