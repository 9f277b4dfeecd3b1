/** A prompt of any length to its continuation. */
package org.uiospark.jobs.generate;
