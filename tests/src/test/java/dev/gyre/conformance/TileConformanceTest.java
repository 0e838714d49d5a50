package dev.gyre.conformance;

import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.gyre.backend.ComputeType;
import dev.gyre.backend.Device;
import dev.gyre.backend.DeviceDescription.Kind;
import dev.gyre.backend.Executable;
import dev.gyre.graph.Activation;
import dev.gyre.transformer.AttentionMaps;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Products by tiles of two bytes on every device that has them, against the reference. */
class TileConformanceTest {

    private static final OpenDevices DEVICES = new OpenDevices();

    static Stream<Arguments> everyCase() {
        return Stream.of(ComputeType.FLOAT32, ComputeType.FLOAT16, ComputeType.BFLOAT16)
                .flatMap(type -> TileCases.all(type).stream()
                        .flatMap(c -> targets().stream()
                                .filter(t -> t.options().computeType() == type)
                                .map(t -> arguments(t, c))));
    }

    @ParameterizedTest(name = "{0}: {1}", allowZeroInvocations = true)
    @MethodSource
    void everyCase(Target target, Case c) {
        Agreement.require(c, Yardstick.of(c), Outcome.of(c, DEVICES.get(target)));
    }

    @ParameterizedTest(name = "{0}", allowZeroInvocations = true)
    @MethodSource("onCpus")
    void asStepsOfOneKernel(Target target) {
        ComputeType type = target.options().computeType();
        try (Device device = target.asOneKernel().open()) {
            for (Case c : TileCases.small(type)) {
                Agreement.require(c, Yardstick.of(c), Outcome.of(c, device));
            }
        }
    }

    static Stream<Arguments> everyModel() {
        return Models.all().stream()
                .flatMap(m -> targets().stream()
                        .filter(t -> t.options().computeType() == ComputeType.FLOAT32)
                        .map(t -> arguments(t, m)));
    }

    /** Step after step, to the same tokens. */
    @ParameterizedTest(name = "{0}: {1}", allowZeroInvocations = true)
    @MethodSource
    void everyModel(Target target, Models model) {
        Case c = TileCases.of(ComputeType.FLOAT32, SearchScript.whole(model, AttentionMaps.NONE, true));
        Agreement.require(c, Yardstick.of(c), Outcome.of(c, DEVICES.get(target)));
    }

    static List<Target> targets() {
        return Target.tiles();
    }

    static List<Target> onCpus() {
        return targets().stream()
                .filter(t -> t.options().kernels().equals(Optional.of(Kind.CPU)))
                .toList();
    }

    /** As many bytes as without tiles. */
    @ParameterizedTest(allowZeroInvocations = true)
    @MethodSource("targets")
    void weightsAreAsLargeAsTheirType(Target target) {
        Case c = LinearCases.of(512, 1024, Activation.NONE, false, false, 1);
        int bytes = target.options().computeType() == ComputeType.FLOAT32 ? 4 : 2;
        Device device = DEVICES.get(target);
        try (Executable executable = device.compile(c.program(), c.weights())) {
            assertTrue(
                    executable.memory().weights() < 512 * 1024 * bytes * 1.01,
                    () -> executable.memory().toString());
        }
    }

    @AfterAll
    static void closeDevices() {
        DEVICES.close();
    }
}
