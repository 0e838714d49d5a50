/** Text to token ids and back, as each model's publisher did it in training. */
@NullMarked
package dev.gyre.tokens;

import org.jspecify.annotations.NullMarked;
