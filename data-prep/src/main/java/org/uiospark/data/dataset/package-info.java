/**
 * A data set on the disk, in the layout of HuggingFace {@code datasets}: Arrow files of sequences
 * and the {@code state.json} that names them. Sequences come in when it is written; the trainer and
 * the evaluation read them back in any order, of files on other machines no more than they need.
 *
 * <p>May use: {@code data.settings}, {@code data.storage}, {@code model.input}, {@code
 * model.segment}, {@code model.text}.
 */
package org.uiospark.data.dataset;
