/** Figures with their intervals, as evaluation and audit report them. */
package org.uiospark.jobs.statistics;
