package dev.gyre.conformance;

import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.gyre.backend.ComputeType;
import dev.gyre.backend.Device;
import dev.gyre.backend.Executable;
import dev.gyre.graph.Activation;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Products of whole numbers on every device that has them, against the reference, which rounds as they do. */
class Int8ConformanceTest {

    private static final OpenDevices DEVICES = new OpenDevices();

    private static final List<Case> VARIED = Stream.concat(
                    Int8Cases.small().stream(),
                    Stream.of(LinearCases.of(291, 66, Activation.RELU, true, true, 13, 1, 3)))
            .toList();

    static Stream<Arguments> everyCase() {
        return Int8Cases.all().stream().flatMap(c -> Target.int8().stream().map(t -> arguments(t, c)));
    }

    @ParameterizedTest(name = "{0}: {1}", allowZeroInvocations = true)
    @MethodSource
    void everyCase(Target target, Case c) {
        Agreement.require(c, Yardstick.of(c, ComputeType.INT8), Outcome.of(c, DEVICES.get(target)));
    }

    static List<Target> everyVariantIsRight() {
        return Target.tuned(ComputeType.INT8);
    }

    /** What the tuner may choose, by every unit; with more columns than a work-item takes, too. */
    @ParameterizedTest(name = "{0}", allowZeroInvocations = true)
    @MethodSource
    void everyVariantIsRight(Target target) {
        try (Device device = target.open()) {
            for (Case c : VARIED) {
                Agreement.require(c, Yardstick.of(c, ComputeType.INT8), Outcome.of(c, device));
            }
        }
    }

    static List<Target> targets() {
        return Target.int8();
    }

    /** A quarter of float32, and a scale for each row. */
    @ParameterizedTest(allowZeroInvocations = true)
    @MethodSource("targets")
    void weightsAreSmall(Target target) {
        Case c = LinearCases.of(512, 1024, Activation.NONE, false, false, 1);
        Device device = DEVICES.get(target);
        try (Executable executable = device.compile(c.program(), c.weights())) {
            assertTrue(
                    executable.memory().weights() < 512 * 1024 * 1.02,
                    () -> executable.memory().toString());
        }
    }

    @AfterAll
    static void closeDevices() {
        DEVICES.close();
    }
}
