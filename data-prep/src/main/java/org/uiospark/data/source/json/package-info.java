/**
 * Byte streams cut into the JSON of one record each, by line ends, or by brackets and quotes. Bytes
 * come in; pieces of bounded length go out, not parsed yet.
 *
 * <p>May use no other room.
 */
package org.uiospark.data.source.json;
