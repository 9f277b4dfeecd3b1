/**
 * Cases of tasks that need far memory: a text of so many tokens in which something is hidden, a
 * question behind it, and the answer. {@code RecallTask} says what is hidden, {@code RecallCases}
 * where; {@code Recall} writes cases to train with, and the evaluation asks others. A tokenizer and
 * maybe books come in; cases go out that follow from the seed alone.
 *
 * <p>May use: {@code data.prep}, {@code data.settings}, {@code data.storage}, {@code jobs.prep},
 * {@code jobs.settings}, {@code model.estimator}, {@code model.input}, {@code model.text}.
 */
package org.uiospark.jobs.recall;
