/**
 * The trained adapter on the host: its shape, its values as one flat vector, its files and their
 * provenance. Files come in and go out; an adapter is loaded whole or not at all.
 *
 * <p>May use: {@code model.input}, {@code model.llama}, {@code model.safetensors}, {@code
 * model.segment}.
 */
package org.uiospark.model.adapter;
