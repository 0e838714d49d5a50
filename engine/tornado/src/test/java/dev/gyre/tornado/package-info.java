@NullMarked
package dev.gyre.tornado;

import org.jspecify.annotations.NullMarked;
