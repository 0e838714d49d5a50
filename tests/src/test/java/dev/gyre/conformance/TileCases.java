package dev.gyre.conformance;

import dev.gyre.backend.ComputeType;
import dev.gyre.graph.Activation;
import java.util.List;

/**
 * Cases for products by tiles of two bytes: of the types bfloat16 and float16 with numbers that bfloat16 holds exactly, so that
 * only sums can differ, and what float16 leaves of the smallest; of float32 with the tolerance of numbers in two halves.
 */
final class TileCases {

    /** Three times 2^-16, what the halves leave of one term, and some more: the bound of the golden cases. */
    static final double HALVES = 1e-4;

    private TileCases() {}

    static List<Case> all(ComputeType type) {
        return of(type, Int8Cases.all());
    }

    static List<Case> small(ComputeType type) {
        return of(type, Int8Cases.small());
    }

    /** Both kernels, and with float16 embeddings: an interpreter takes long for emulated tensor cores. */
    static List<Case> few(ComputeType type) {
        return of(
                type,
                type == ComputeType.FLOAT16
                        ? List.of(Int8Cases.tied(5, 19))
                        : List.of(
                                LinearCases.of(19, 33, Activation.TANH, true, false, 2),
                                LinearCases.of(5, 3, Activation.NONE, true, true, 17)));
    }

    private static List<Case> of(ComputeType type, List<Case> cases) {
        return cases.stream()
                .filter(c -> type != ComputeType.FLOAT16 || !c.name().equals(Int8Cases.ALL_MAGNITUDES))
                .map(c -> of(type, c))
                .toList();
    }

    static Case of(ComputeType type, Case c) {
        return type != ComputeType.FLOAT32
                ? c.withShortWeights().withShortInputs()
                : new Case(c.name(), c.program(), c.weights(), c.runs(), Math.max(c.tolerance(), HALVES));
    }
}
