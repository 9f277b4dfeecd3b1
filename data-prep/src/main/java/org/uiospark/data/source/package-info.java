/**
 * Input files of a corpus: found, cut into slices, unpacked, decoded and taken apart into records.
 * Paths, globs and directories come in; records and texts go out, each with its place, and a file
 * that is not what its name says goes out as spoiled.
 *
 * <p>May use: {@code data.settings}, {@code data.storage}, {@code model.input}.
 */
package org.uiospark.data.source;
