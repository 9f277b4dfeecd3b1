/**
 * The trained adapter on the host: its shape, its values as one flat vector, its files and their
 * provenance. Files come in and go out; an adapter is loaded whole or not at all.
 *
 * <p>It uses {@code llama}, {@code safetensors}, {@code segment} and {@code input}.
 */
package org.uiospark.model.adapter;
