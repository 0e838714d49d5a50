/**
 * Transformers from Java: {@link dev.gyre.Translator} puts an encoder-decoder on the best device and translates text.
 *
 * {@snippet class="dev.gyre.TranslatorExample" region="example"}
 */
@NullMarked
package dev.gyre;

import org.jspecify.annotations.NullMarked;
