/** Held-out evaluation, spread over sequences. */
package org.uiospark.jobs.evaluate;
