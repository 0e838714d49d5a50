@NullMarked
package dev.gyre.cli;

import org.jspecify.annotations.NullMarked;
