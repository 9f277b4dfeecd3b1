/**
 * How the files of a run become part of a data set, and which documents it has already. Files in
 * the folder of a run and the state before it come in; the new state goes out in one step that
 * happens wholly or not at all, whatever dies and however many runs overlap.
 *
 * <p>May use: {@code data.dataset}, {@code data.settings}, {@code data.storage}, {@code
 * model.input}.
 */
package org.uiospark.data.commit;
