/** The numbers of models as their publishers ship them: files that are checked before they are trusted. */
@NullMarked
package dev.gyre.weights;

import org.jspecify.annotations.NullMarked;
