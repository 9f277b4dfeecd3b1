/**
 * Goes the whole way on the embedded model and books. Nothing comes in; what the other commands
 * give goes out.
 *
 * <p>May use no other room.
 */
package org.uiospark.jobs.quickstart;
