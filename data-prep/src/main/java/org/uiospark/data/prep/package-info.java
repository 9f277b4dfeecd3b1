/**
 * The run of prep as Spark tasks: input is packed into shards, each task streams the documents of
 * its shard through the tokenizer into files, and the driver commits them. Settings come in; a data
 * set and a summary of what was made and what was left out go out.
 *
 * <p>May use: {@code data.commit}, {@code data.copies}, {@code data.dataset}, {@code data.encode},
 * {@code data.listing}, {@code data.longtext}, {@code data.settings}, {@code data.source}, {@code
 * data.source.json}, {@code data.storage}, {@code data.summary}, {@code model.input}, {@code
 * model.segment}, {@code model.text}.
 */
package org.uiospark.data.prep;
