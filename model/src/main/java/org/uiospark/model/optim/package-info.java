/**
 * AdamW and what belongs to a step of it, over the flat vector of an adapter. A gradient comes in;
 * the adapter changes in place, with the same bits for any number of threads.
 *
 * <p>It uses {@code adapter} and {@code input}.
 */
package org.uiospark.model.optim;
