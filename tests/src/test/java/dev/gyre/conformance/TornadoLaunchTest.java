package dev.gyre.conformance;

import dev.gyre.backend.Device;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The ways in which TornadoVM can run a task besides the one that is taken by itself, against the reference. */
class TornadoLaunchTest {

    private static final List<Case> CASES = SmallCases.all();

    static List<Target> everyWayIsRight() {
        return Target.tornado();
    }

    @ParameterizedTest(name = "{0}", allowZeroInvocations = true)
    @MethodSource
    void everyWayIsRight(Target target) {
        try (Device device = target.open()) {
            for (Case c : CASES) {
                Agreement.require(c, Yardstick.of(c), Outcome.of(c, device));
            }
        }
    }
}
