/** Speed and memory of the gradient, measured. */
package org.uiospark.jobs.bench;
