/**
 * Trains an adapter. Base model, data sets and settings come in; metrics, a line a step, and
 * checkpoints go out. {@code Trainer} prepares a run, {@code RunStart} says where it starts, and
 * {@code TrainingRun} takes one step after the other.
 *
 * <p>May use no other room.
 */
package org.uiospark.jobs.train;
