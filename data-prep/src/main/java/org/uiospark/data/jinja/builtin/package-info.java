/**
 * What a chat template can call: filters, tests, global functions, and the attributes and methods
 * of values. A name comes in while a template is parsed or rendered; a function over values goes
 * out, or a refusal that names what is not supported.
 *
 * <p>May use: {@code data.jinja.value}.
 */
package org.uiospark.data.jinja.builtin;
