/**
 * Names and writes the JSON files of results. A record comes in; a file that reports and READMEs
 * can rely on goes out, with the versions of what computed it.
 *
 * <p>May use: {@code data.storage}, {@code model.input}.
 */
package org.uiospark.jobs.results;
