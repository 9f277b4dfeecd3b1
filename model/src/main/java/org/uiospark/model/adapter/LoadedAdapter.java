package org.uiospark.model.adapter;

/**
 * An adapter folder in memory.
 *
 * @param adapter the tensors
 * @param config how to use them, and with which model
 */
public record LoadedAdapter(Adapter adapter, AdapterConfig config) {}
