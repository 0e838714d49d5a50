package dev.gyre.conformance;

import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.gyre.backend.ComputeType;
import dev.gyre.backend.Device;
import dev.gyre.graph.Activation;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Every variant of a kernel that the tuner may choose, at odd shapes, against the reference. */
class TunedConformanceTest {

    /** As many rows as there are tiles, and some more; the cases are made once for all targets. */
    private static final List<Case> CASES = cases();

    /** What settings change, with few elements. */
    static List<Case> small() {
        List<Case> cases = new ArrayList<>(LinearCases.small());
        cases.addAll(PackedAttentionCases.small());
        cases.addAll(MemoryAttentionCases.small());
        return cases;
    }

    private static List<Case> cases() {
        List<Case> cases = new ArrayList<>(small());
        cases.add(LinearCases.of(
                129,
                70,
                Activation.RELU,
                true,
                true,
                47,
                1,
                0,
                2,
                3,
                4,
                5,
                8,
                9,
                13,
                16,
                17,
                31,
                32,
                33,
                34,
                100,
                129));
        cases.add(LinearCases.of(31, 515, Activation.NONE, true, false, 121, 1, 7, 97));
        return cases;
    }

    static Stream<Arguments> everyVariantIsRight() {
        return Stream.of(ComputeType.FLOAT32, ComputeType.BFLOAT16)
                .flatMap(type -> Target.tuned(type).stream().map(t -> arguments(t)));
    }

    @ParameterizedTest(name = "{0}", allowZeroInvocations = true)
    @MethodSource
    void everyVariantIsRight(Target target) {
        try (Device device = target.open()) {
            for (Case c : CASES) {
                Case exact = target.options().computeType() == ComputeType.FLOAT32 ? c : c.withShortWeights();
                Agreement.require(exact, Yardstick.of(exact), Outcome.of(exact, device));
            }
        }
    }
}
