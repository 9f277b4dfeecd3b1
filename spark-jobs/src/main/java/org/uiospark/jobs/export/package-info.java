/**
 * Makes of a checkpoint the files that others load. A checkpoint comes in; adapter, PEFT folders,
 * model card and DJL bundle go out.
 *
 * <p>May use no other room.
 */
package org.uiospark.jobs.export;
