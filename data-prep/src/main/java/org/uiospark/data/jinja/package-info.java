/**
 * A strict interpreter of the part of Jinja2 that chat templates are written in.
 *
 * <p>It gives what HuggingFace's sandbox gives (Jinja2 with {@code trim_blocks}, {@code
 * lstrip_blocks}, loop controls, {@code tojson}, {@code raise_exception}, {@code strftime_now} and
 * {@code generation} blocks), or refuses the template with the name of the construct: never other
 * text. Values are those of Java: {@code null} for None, {@link java.lang.Boolean}, {@link
 * java.lang.Long}, {@link java.lang.Double}, {@link java.lang.String}, {@link java.util.List},
 * {@link java.util.Map}, and the types of this package. None of them can be changed by a template.
 */
package org.uiospark.data.jinja;
