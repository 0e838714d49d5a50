/**
 * The Transformer of Vaswani et al. (2017) and its descendants, as data ({@link dev.gyre.transformer.Transformer}) and
 * as graphs ({@link dev.gyre.transformer.Seq2SeqProgram}). A family of models is one small file that describes its
 * checkpoint in these terms.
 */
@NullMarked
package dev.gyre.transformer;

import org.jspecify.annotations.NullMarked;
