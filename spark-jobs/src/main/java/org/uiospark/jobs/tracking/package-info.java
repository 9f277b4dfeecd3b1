/**
 * Tells TensorBoard and MLflow how a run goes. The figures of each step come in; event files and
 * calls of a server go out, from a thread of its own.
 *
 * <p>May use: {@code data.storage}, {@code jobs.checkpoint}, {@code jobs.settings}, {@code
 * model.input}.
 */
package org.uiospark.jobs.tracking;
