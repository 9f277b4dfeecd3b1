/**
 * What {@code prep} and {@code bench-prep} are told. Settings come in; a {@link
 * org.uiospark.data.settings.PrepSettings} goes out, with the token that closes a document.
 *
 * <p>May use: {@code data.settings}, {@code data.storage}, {@code jobs.settings}, {@code
 * model.input}.
 */
package org.uiospark.jobs.prep;
