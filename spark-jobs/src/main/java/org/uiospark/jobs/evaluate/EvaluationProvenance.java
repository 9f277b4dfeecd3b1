package org.uiospark.jobs.evaluate;

import java.util.List;
import java.util.Map;
import org.uiospark.jobs.evaluate.score.ContextSeconds;
import org.uiospark.jobs.results.ResultFile;

/**
 * {@link ResultFile#EVALUATION}: what the results beside it came out of.
 *
 * @param settings of the run
 * @param versions of this program and what it ran on, by name
 * @param seconds of computing by context length
 */
record EvaluationProvenance(
    EvaluateSettings settings, Map<String, String> versions, List<ContextSeconds> seconds) {}
