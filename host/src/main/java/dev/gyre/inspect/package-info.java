/** What a model is and what is computed with it, for people. */
@NullMarked
package dev.gyre.inspect;

import org.jspecify.annotations.NullMarked;
