package org.uiospark.data.listing;

import java.io.Serializable;

/**
 * What is wrong with a file that cannot be read to its end.
 *
 * @param kind the same for all such files
 * @param reason goes on after the path and "is"
 */
public record SpoiledFile(String kind, String reason) implements Serializable {}
