/** A standalone Spark cluster on one machine. */
package org.uiospark.jobs.cluster;
