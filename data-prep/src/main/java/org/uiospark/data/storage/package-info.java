/**
 * Files and folders on any file system that Hadoop knows: names that a user gives, writes that a
 * reader sees whole or not at all, and folders for output. Paths and URIs come in, streams and
 * files on the disk go out. The jobs use it for their own output too.
 *
 * <p>May use: {@code model.input}.
 */
package org.uiospark.data.storage;
