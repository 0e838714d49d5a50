@NullMarked
package dev.gyre.tokens;

import org.jspecify.annotations.NullMarked;
