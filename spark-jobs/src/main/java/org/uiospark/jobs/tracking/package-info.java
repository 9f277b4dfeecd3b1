/** Metrics of a training run for the tools that people watch runs with. */
package org.uiospark.jobs.tracking;
