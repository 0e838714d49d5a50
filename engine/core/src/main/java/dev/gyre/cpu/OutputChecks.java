package dev.gyre.cpu;

import dev.gyre.graph.ElementType;
import dev.gyre.graph.Program;
import dev.gyre.graph.Tensor.Value;

/** What must hold before an output is read. */
final class OutputChecks {

    private OutputChecks() {}

    /** @throws IllegalArgumentException that says which output, and how much of it there is */
    static void require(
            Program program, Value output, ElementType type, boolean known, boolean ran, int count, int elements) {
        if (!known) {
            throw new IllegalArgumentException(output.name() + " is no output of program " + program.name());
        }
        if (output.type() != type) {
            throw new IllegalArgumentException("output " + output.name() + " is " + output.type() + ", not " + type);
        }
        if (!ran) {
            throw new IllegalArgumentException(
                    "output " + output.name() + " cannot be read: its graph has not run to its end");
        }
        if (count < 0 || count > elements) {
            throw new IllegalArgumentException("output " + output.name() + " has " + elements
                    + " elements after the last run; " + count + " cannot be read");
        }
    }
}
