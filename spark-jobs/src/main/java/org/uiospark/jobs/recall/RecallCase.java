package org.uiospark.jobs.recall;

/**
 * A text in which something is hidden, a question behind it, and the answer.
 *
 * @param task what is hidden
 * @param length tokens that text, question and an answer have at most
 * @param depth share of the haystack that stands before what is asked for, from 0 to 1
 * @param text with its line end
 * @param question with all that stands before its answer
 * @param answer to it
 * @param prompt text and question in tokens
 * @param answerTokens tokens that an answer may have
 */
public record RecallCase(
    RecallTask task,
    int length,
    double depth,
    String text,
    String question,
    RecallAnswer answer,
    int[] prompt,
    int answerTokens) {}
