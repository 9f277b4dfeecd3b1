/**
 * One page for a browser from what a run left in its output folder. Metrics and results come in as
 * JSON; out goes {@code report.html}, with its styles, its script, and each chart twice: as a
 * picture, and as values that the script draws, to be looked up with the mouse.
 */
package org.uiospark.jobs.report;
