package org.uiospark.data.jinja;

/**
 * The value of a name that a template must not read, because what it would be is not known.
 *
 * @param why what to tell who reads it
 */
public record Withheld(String why) {}
