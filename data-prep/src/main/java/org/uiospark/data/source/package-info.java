/**
 * Input files of a corpus: unpacked, decoded and taken apart into records. Slices of files come in;
 * records and texts go out, each with its place, and a file that is not what its name says goes out
 * as spoiled.
 *
 * <p>May use: {@code data.settings}, {@code data.source.json}, {@code data.storage}, {@code
 * model.input}.
 */
package org.uiospark.data.source;
