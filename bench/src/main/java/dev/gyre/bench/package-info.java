/** Benchmarks: each claim about speed has one here. */
@NullMarked
package dev.gyre.bench;

import org.jspecify.annotations.NullMarked;
