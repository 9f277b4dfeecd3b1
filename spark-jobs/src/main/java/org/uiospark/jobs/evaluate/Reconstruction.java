package org.uiospark.jobs.evaluate;

import java.io.Serializable;

/**
 * What came back of one sequence.
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
