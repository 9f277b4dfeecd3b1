/** Losses and gradients of one sequence, for comparison with other implementations. */
package org.uiospark.jobs.audit;
