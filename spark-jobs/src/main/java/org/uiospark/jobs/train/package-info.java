/** Distributed training of an adapter: the loop, its step, the order of the data, the metrics. */
package org.uiospark.jobs.train;
