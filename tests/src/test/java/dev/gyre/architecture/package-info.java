/** The arrows between the parts of the project. */
@NullMarked
package dev.gyre.architecture;

import org.jspecify.annotations.NullMarked;
