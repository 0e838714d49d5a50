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

    /** With weights that bfloat16 holds exactly. */
    Case withShortWeights() {
        WeightSource cut = (weight, first, rows, to, offset) -> {
            weights.read(weight, first, rows, to, offset);
            int columns = weight.shape().axes().size() == 1 ? 1 : weight.shape().columns();
            for (int i = offset; i < offset + rows * columns; i++) {
                to[i] = Run.cut(to[i]);
            }
        };
        return new Case(name + " with short weights", program, cut, runs, tolerance);
    }

    /** With inputs that bfloat16 holds exactly. */
    Case withShortInputs() {
        return new Case(
                name + " with short inputs",
                program,
                weights,
                runs.stream().map(Run::shortened).toList(),
                tolerance);
    }

    @Override
    public String toString() {
        return name;
    }
}
