/**
 * How hypotheses grow: the searches of Hugging Face {@code generate()} (transformers 5), to the token, one small object
 * per sentence. Nothing here knows a device: a search gets the best candidates of its rows and says which rows come
 * next.
 */
@NullMarked
package dev.gyre.decoding;

import org.jspecify.annotations.NullMarked;
