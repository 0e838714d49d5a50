package dev.gyre.opencl;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.gyre.backend.Bindings;
import dev.gyre.backend.Device;
import dev.gyre.backend.DeviceDescription;
import dev.gyre.backend.DeviceOptions;
import dev.gyre.backend.Executable;
import dev.gyre.backend.MemoryPlan;
import dev.gyre.backend.Traffic;
import dev.gyre.backend.WeightSource;
import dev.gyre.cpu.ReferenceBackend;
import dev.gyre.graph.Graph;
import dev.gyre.graph.Keys;
import dev.gyre.graph.Operation;
import dev.gyre.graph.Program;
import dev.gyre.graph.Tensor.Value;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the check of a candidate finds, on a device that is right but for some operations. */
class DeviceTrialTest {

    /** One element of these operations is a little off. */
    private record Wrong(Device device, Predicate<Operation> where) implements Device {

        @Override
        public DeviceDescription description() {
            return device.description();
        }

        @Override
        public DeviceOptions options() {
            return device.options();
        }

        @Override
        public Executable compile(Program program, WeightSource weights) {
            return new WrongExecutable(device.compile(program, weights), where);
        }

        @Override
        public Traffic traffic() {
            return device.traffic();
        }

        @Override
        public void close() {
            device.close();
        }
    }

    private record WrongExecutable(Executable executable, Predicate<Operation> where) implements Executable {

        @Override
        public Program program() {
            return executable.program();
        }

        @Override
        public MemoryPlan memory() {
            return executable.memory();
        }

        @Override
        public void run(Bindings bindings) {
            executable.run(bindings);
        }

        @Override
        public void read(Value output, float[] destination, int count) {
            executable.read(output, destination, count);
            for (Graph graph : program().graphs()) {
                if (graph.outputs().contains(output)
                        && graph.operations().stream().anyMatch(where)) {
                    destination[count - 1] += 1e-3f;
                }
            }
        }

        @Override
        public void read(Value output, int[] destination, int count) {
            executable.read(output, destination, count);
        }

        @Override
        public void close() {
            executable.close();
        }
    }

    private static Optional<String> fault(List<Trial.Point> points, Predicate<Operation> where) {
        try (DeviceTrial trial = new DeviceTrial(
                new Wrong(new ReferenceBackend().open(0, DeviceOptions.DEFAULTS), where), false, points)) {
            return trial.fault();
        }
    }

    @Test
    void whatIsRightHasNoFault() {
        assertEquals(Optional.empty(), fault(List.of(), _ -> false));
    }

    @Test
    void productsAreLookedAt() {
        assertTrue(fault(List.of(), Operation.Linear.class::isInstance)
                .orElseThrow()
                .startsWith("a product of"));
    }

    /** Heads of 64 take all 16 lanes, and those of 24 only 8. */
    @ParameterizedTest
    @CsvSource({"24,packed", "24,causal", "24,range", "24,ancestry", "64,packed", "64,causal", "64,range", "64,ancestry"
    })
    void everyKindOfKeysIsLookedAtWithEachWidth(int headSize, String keys) {
        String fault = fault(
                        List.of(),
                        o -> o instanceof Operation.Attention a && a.headSize() == headSize && kind(a).equals(keys))
                .orElseThrow();
        assertTrue(fault.startsWith("attention (" + keys + " keys, heads of " + headSize + ")"), fault);
    }

    @Test
    void theHeadsThatAreTimedAreLookedAt() {
        Predicate<Operation> where = o -> o instanceof Operation.Attention a && a.headSize() == 96;
        assertTrue(fault(List.of(new Trial.Attention(96)), where).isPresent());
    }

    private static String kind(Operation.Attention attention) {
        return switch (attention.keys()) {
            case Keys.Packed p -> p.causal() ? "causal" : "packed";
            case Keys.Range _ -> "range";
            case Keys.Ancestry _ -> "ancestry";
        };
    }
}
