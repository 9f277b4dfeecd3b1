/**
 * Makes figures with their 95% intervals, and tables of them. Sums over sequences, or successes
 * among cases, come in; values with intervals and lines of text go out.
 *
 * <p>May use no other room.
 */
package org.uiospark.jobs.statistics;
