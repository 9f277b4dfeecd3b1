/** Files that others wrote, read without trust: bounded, strict, and inside their folder. */
package org.uiospark.model.input;
