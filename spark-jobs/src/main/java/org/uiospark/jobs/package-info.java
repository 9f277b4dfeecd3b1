/**
 * Holds what is submitted: one class a command, with its options. A command reads its settings, has
 * its room do the work and prints what comes out; no work is done here.
 *
 * <p>May use no other room.
 */
package org.uiospark.jobs;
