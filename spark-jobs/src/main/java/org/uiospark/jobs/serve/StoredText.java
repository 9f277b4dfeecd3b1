package org.uiospark.jobs.serve;

/**
 * A text that is memorized.
 *
 * @param id SHA-256 of the text, by which it is named
 * @param tokens of all of it
 * @param segments that are memories
 */
record StoredText(String id, long tokens, int segments) {}
