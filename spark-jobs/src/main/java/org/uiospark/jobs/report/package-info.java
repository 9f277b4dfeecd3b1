/** One page for a browser from what a run left in its output folder. */
package org.uiospark.jobs.report;
