package org.uiospark.data.commit;

import java.io.Serializable;

/**
 * A text of a data set.
 *
 * @param docId what it is called
 * @param sha256 of its content, in hexadecimal digits
 * @param tokens of it, without the one that closes a document
 * @param first its first sequence in the data set
 * @param sequences that it has, one after the other: they hold all its tokens
 */
public record ListedText(String docId, String sha256, long tokens, long first, long sequences)
    implements Serializable {}
