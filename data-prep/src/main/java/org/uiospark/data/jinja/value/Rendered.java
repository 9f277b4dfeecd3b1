package org.uiospark.data.jinja.value;

import java.util.List;

/**
 * A conversation as the model reads it.
 *
 * @param text the text
 * @param generated what {@code generation} blocks wrote, in order
 * @param messages what the loop over the messages wrote for each; {@code null} for a message that
 *     no loop, or more than one, wrote something for
 */
public record Rendered(String text, List<Span> generated, List<Span> messages) {}
