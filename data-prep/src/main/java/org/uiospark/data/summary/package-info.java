/**
 * What the user is told about a run of prep. Counts come in; lines of text go out, and the numbers
 * for programs.
 *
 * <p>May use no other room.
 */
package org.uiospark.data.summary;
