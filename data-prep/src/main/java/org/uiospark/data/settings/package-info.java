/**
 * What a data preparation is told: inputs, output, objective, how documents are cut to sequences
 * and how text is read. Values come in from a command and are checked here; records go out that
 * every other room of the module reads.
 *
 * <p>May use: {@code model.input}.
 */
package org.uiospark.data.settings;
