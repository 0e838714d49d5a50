package dev.gyre.conformance;

import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.gyre.backend.Device;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Every operation as a step of a kernel that goes through all launches, where models have it and small graphs have not. */
class FusedConformanceTest {

    static Stream<Arguments> everyOperationIsRight() {
        return Target.fused().stream().map(t -> arguments(t));
    }

    @ParameterizedTest(name = "{0}", allowZeroInvocations = true)
    @MethodSource
    void everyOperationIsRight(Target target) {
        try (Device device = target.open()) {
            for (Case c : SmallCases.all()) {
                Agreement.require(c, Yardstick.of(c), Outcome.of(c, device));
            }
        }
    }
}
