/**
 * The backends that are always there. {@link dev.gyre.cpu.ReferenceBackend} is the meaning of every operation, in
 * float64 and one element after the other; whatever is fast is tested against it.
 */
@NullMarked
package dev.gyre.cpu;

import org.jspecify.annotations.NullMarked;
