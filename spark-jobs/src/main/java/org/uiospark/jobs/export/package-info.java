/** A checkpoint to the files that others load. */
package org.uiospark.jobs.export;
