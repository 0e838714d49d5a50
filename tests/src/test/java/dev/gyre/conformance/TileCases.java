package dev.gyre.conformance;

import dev.gyre.backend.ComputeType;
import java.util.List;

/**
 * Cases for products by tiles of bfloat16: of the type bfloat16 with numbers that it holds exactly, so that only sums can
 * differ; of float32 with the tolerance of numbers in two halves.
 */
final class TileCases {

    /** Three times 2^-16, what the halves leave of one term, and some more: the bound of the golden cases. */
    static final double HALVES = 1e-4;

    private TileCases() {}

    static List<Case> all(ComputeType type) {
        return Int8Cases.all().stream().map(c -> of(type, c)).toList();
    }

    static List<Case> small(ComputeType type) {
        return Int8Cases.small().stream().map(c -> of(type, c)).toList();
    }

    static Case of(ComputeType type, Case c) {
        return type == ComputeType.BFLOAT16
                ? c.withShortWeights().withShortInputs()
                : new Case(c.name(), c.program(), c.weights(), c.runs(), Math.max(c.tolerance(), HALVES));
    }
}
