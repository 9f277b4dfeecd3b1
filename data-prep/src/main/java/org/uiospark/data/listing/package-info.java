/**
 * Finds the input files of a corpus and cuts them into slices. Paths, globs and directories come
 * in, as people lay them out; slices go out in the order of their paths, with what was passed over
 * and why.
 *
 * <p>May use: {@code data.settings}, {@code data.source}, {@code data.storage}, {@code
 * model.input}.
 */
package org.uiospark.data.listing;
