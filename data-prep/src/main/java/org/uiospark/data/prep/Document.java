package org.uiospark.data.prep;

import org.uiospark.data.commit.DocumentName;

/**
 * A document on its way to sequences.
 *
 * @param name what it is called
 * @param where the place where it stands, for messages
 */
record Document(DocumentName name, String where) {}
