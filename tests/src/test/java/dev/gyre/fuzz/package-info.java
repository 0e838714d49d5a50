/** What readers of foreign files do with bytes that nobody meant. */
@NullMarked
package dev.gyre.fuzz;

import org.jspecify.annotations.NullMarked;
