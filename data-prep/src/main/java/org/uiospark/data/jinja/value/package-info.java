/**
 * Values of a chat template and what Python does with them: truth, arithmetic, comparison, and how
 * they are written; and one rendering with the work that it may cost. Values of Java come in and go
 * out; what Python would do otherwise is refused with the name of the construct.
 *
 * <p>May use no other room.
 */
package org.uiospark.data.jinja.value;
