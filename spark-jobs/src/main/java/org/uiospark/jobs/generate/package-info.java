/**
 * Continues a prompt of any length. A prompt, base model and adapter come in; text goes out.
 *
 * <p>May use no other room.
 */
package org.uiospark.jobs.generate;
