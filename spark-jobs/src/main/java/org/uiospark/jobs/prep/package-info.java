/**
 * What {@code prep} and {@code bench-prep} are told. Settings come in; a {@link
 * org.uiospark.data.settings.PrepSettings} goes out, with the token that closes a document.
 *
 * <p>May use no other room.
 */
package org.uiospark.jobs.prep;
