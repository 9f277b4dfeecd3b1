/** Figures with their intervals and tables of them, as evaluation and audit report them. */
package org.uiospark.jobs.statistics;
