/**
 * Families of models: one small file each that turns a publisher's configuration and tensor names into a
 * {@link dev.gyre.transformer.Transformer}.
 */
@NullMarked
package dev.gyre.transformer.family;

import org.jspecify.annotations.NullMarked;
