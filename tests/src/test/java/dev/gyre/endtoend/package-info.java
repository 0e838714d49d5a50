/** Whole models over real text: what a person gets. */
@NullMarked
package dev.gyre.endtoend;

import org.jspecify.annotations.NullMarked;
