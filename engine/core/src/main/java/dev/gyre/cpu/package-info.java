/**
 * The backends that are always there. {@link dev.gyre.cpu.ReferenceBackend} is the meaning of every operation, in
 * float64 and one element after the other; {@link dev.gyre.cpu.CpuBackend} is the fast one, and is tested against it.
 */
@NullMarked
package dev.gyre.cpu;

import org.jspecify.annotations.NullMarked;
