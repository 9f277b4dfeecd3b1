package org.uiospark.data.jinja.value;

import java.util.List;

/**
 * Keys, values or items of a mapping: it has a length and can be walked, but has no indices.
 *
 * @param name how Python writes it
 */
public record View(String name, List<Object> items) {}
