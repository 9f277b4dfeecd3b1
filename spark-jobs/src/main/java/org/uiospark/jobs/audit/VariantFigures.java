package org.uiospark.jobs.audit;

import java.io.Serializable;

/**
 * A variant on one sequence: its draws, and one of them computed by the estimator itself.
 *
 * @param draws by the products of pairs
 * @param seconds of one gradient
 * @param deviation relative difference of that gradient's norm from the one the products give
 */
record VariantFigures(DrawFigures draws, double seconds, double deviation)
    implements Serializable {}
