/**
 * Makes figures of what the tasks of an evaluation give. Loss sums and pairs of texts come in;
 * perplexities, BLEU-4, Rouge-L and F1 go out.
 *
 * <p>May use: {@code jobs.statistics}, {@code model.segment}.
 */
package org.uiospark.jobs.evaluate.score;
