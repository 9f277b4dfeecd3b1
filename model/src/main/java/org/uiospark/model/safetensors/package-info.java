/**
 * Reads and writes safetensors files. A file comes in and is checked as a whole; tensors by name go
 * out, converted to float32 only when they are asked for.
 *
 * <p>It uses {@code input} alone.
 */
package org.uiospark.model.safetensors;
