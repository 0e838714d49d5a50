package dev.gyre.conformance;

import dev.gyre.backend.WeightSource;
import dev.gyre.graph.Program;
import java.util.List;

/**
 * A program, its numbers and some runs in order. Whatever the outputs of each run are on the reference, they are so on
 * every backend.
 *
 * @param tolerance of float32 outputs, relative to the largest magnitude of the tensor; int32 outputs are equal
 */
record Case(String name, Program program, WeightSource weights, List<Run> runs, double tolerance) {

    /** What float32 products and sums of a few hundred terms keep. */
    static final double TOLERANCE = 1e-5;

    Case {
        runs = List.copyOf(runs);
    }

    @Override
    public String toString() {
        return name;
    }
}
