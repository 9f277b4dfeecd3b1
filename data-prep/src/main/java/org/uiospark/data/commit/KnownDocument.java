package org.uiospark.data.commit;

import java.io.Serializable;

/**
 * A document that the data set has.
 *
 * @param key what it goes by
 * @param counted whether copies of it are counted; one with an id is the same however often it
 *     comes
 */
public record KnownDocument(DocumentKey key, boolean counted) implements Serializable {}
