/**
 * Holds what is submitted: one class a command, with its options. A command reads its settings, has
 * its room do the work and prints what comes out; no work is done here.
 *
 * <p>May use: {@code data.prep}, {@code data.settings}, {@code data.storage}, {@code data.summary},
 * {@code jobs.audit}, {@code jobs.bench}, {@code jobs.checkpoint}, {@code jobs.cluster}, {@code
 * jobs.device}, {@code jobs.evaluate}, {@code jobs.export}, {@code jobs.failure}, {@code
 * jobs.generate}, {@code jobs.lock}, {@code jobs.memory}, {@code jobs.options}, {@code jobs.plan},
 * {@code jobs.prep}, {@code jobs.quickstart}, {@code jobs.recall}, {@code jobs.report}, {@code
 * jobs.serve}, {@code jobs.settings}, {@code jobs.task}, {@code jobs.train}, {@code model.input},
 * {@code model.segment}.
 */
package org.uiospark.jobs;
