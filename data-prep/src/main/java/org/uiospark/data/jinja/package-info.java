/**
 * A strict interpreter of the part of Jinja2 that chat templates are written in: source is parsed
 * to statements and expressions. A template, a conversation and the names that it may see come in;
 * the text that the model reads goes out.
 *
 * <p>It gives what HuggingFace's sandbox gives (Jinja2 with {@code trim_blocks}, {@code
 * lstrip_blocks}, loop controls, {@code tojson}, {@code raise_exception}, {@code strftime_now} and
 * {@code generation} blocks), or refuses the template with the name of the construct: never other
 * text. Values are those of Java: {@code null} for None, {@link java.lang.Boolean}, {@link
 * java.lang.Long}, {@link java.lang.Double}, {@link java.lang.String}, {@link java.util.List},
 * {@link java.util.Map}, and the types of {@code data.jinja.value}. A template can change none of
 * them but a namespace.
 *
 * <p>May use: {@code data.jinja.builtin}, {@code data.jinja.value}.
 */
package org.uiospark.data.jinja;
