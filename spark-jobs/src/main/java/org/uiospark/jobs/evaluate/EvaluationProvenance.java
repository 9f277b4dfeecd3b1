package org.uiospark.jobs.evaluate;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.List;
import java.util.Map;
import org.uiospark.jobs.evaluate.score.ContextSeconds;
import org.uiospark.jobs.results.ResultFile;

/**
 * {@link ResultFile#EVALUATION}: what the results beside it came out of.
 *
 * @param settings of the run
 * @param memoryTokens of a segment
 * @param versions of this program and what it ran on, by name
 * @param seconds of computing by context length
 */
record EvaluationProvenance(
    EvaluateSettings settings,
    @JsonProperty("memory_tokens") int memoryTokens,
    Map<String, String> versions,
    List<ContextSeconds> seconds) {}
