/**
 * Tells processes of this machine from those that ended and from those of another machine. A
 * process id comes in; whether it still runs goes out.
 *
 * <p>May use no other room.
 */
package org.uiospark.jobs.process;
