@NullMarked
package dev.gyre.check;

import org.jspecify.annotations.NullMarked;
