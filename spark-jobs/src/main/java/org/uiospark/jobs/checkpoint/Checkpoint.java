package org.uiospark.jobs.checkpoint;

import org.uiospark.model.adapter.Adapter;
import org.uiospark.model.adapter.AdapterConfig;

/**
 * All that training needs to go on as if it had never stopped.
 *
 * @param config how the adapter is used, and with which model
 * @param adapter the tensors
 * @param firstMoment of AdamW, in the layout of the adapter
 * @param secondMoment of AdamW, in the layout of the adapter
 * @param state where the run stands
 */
public record Checkpoint(
    AdapterConfig config,
    Adapter adapter,
    float[] firstMoment,
    float[] secondMoment,
    TrainerState state) {}
