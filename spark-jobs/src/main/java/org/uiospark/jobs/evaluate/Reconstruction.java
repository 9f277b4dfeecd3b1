package org.uiospark.jobs.evaluate;

import java.io.Serializable;

/**
 * How well a sequence was reconstructed from its memories.
 *
 * @param tokens of all its full segments
 * @param rightWithMemory tokens predicted right from the memory and the right tokens before
 * @param rightWithoutMemory the same without the memory
 * @param segment its first full segment
 * @param withMemory what was generated from the memory of that segment
 */
record Reconstruction(
    long tokens, long rightWithMemory, long rightWithoutMemory, int[] segment, int[] withMemory)
    implements Serializable {}
