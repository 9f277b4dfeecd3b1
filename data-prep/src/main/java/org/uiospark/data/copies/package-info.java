/**
 * Which documents of a run are copies of others: of those that the data set has, or of those before
 * them in the input. Keys of documents come in, slice by slice; what is left out of each slice goes
 * out. All of it is sorted on the cluster, so no machine holds more than a part, and nothing
 * depends on how it was cut.
 *
 * <p>May use: {@code data.commit}, {@code data.settings}.
 */
package org.uiospark.data.copies;
