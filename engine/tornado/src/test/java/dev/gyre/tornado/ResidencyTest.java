package dev.gyre.tornado;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.gyre.backend.Device;
import dev.gyre.backend.DeviceOptions;
import dev.gyre.backend.Traffic;
import dev.gyre.cpu.ReferenceBackend;
import dev.gyre.graph.ElementType;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ResidencyTest {

    /** What TornadoVM brings for a task beside the inputs: the frame of its arguments, and headers of arrays. */
    private static final int BYTES_OF_A_TASK = 128;

    @ParameterizedTest
    @ValueSource(strings = {"jit", "prebuilt"})
    void weightsGoUpOnceAndNothingIsCompiledAgainWhateverTheBatch(String kernels) {
        Products products = new Products(96, 320);
        DeviceOptions options =
                DeviceOptions.DEFAULTS.withTuning(Map.of("tornado.kernels", kernels, "tornado.profiler", "true"));
        try (Device device = Products.open(options);
                Device reference = new ReferenceBackend().open(0, DeviceOptions.DEFAULTS);
                TaskGraphExecutable executable =
                        (TaskGraphExecutable) device.compile(products.program, Products.weights(1));
                var expected = reference.compile(products.program, Products.weights(1))) {
            assertTrue(
                    device.traffic().bytesUp() >= 2L * 96 * 320 * ElementType.BYTES,
                    "compiling uploads the weights: " + device.traffic());
            for (int rows : new int[] {1, 2, 33, 5, Products.ROWS, 0, 17, 1}) {
                Traffic before = device.traffic();
                assertArrayEquals(products.run(expected, rows), products.run(executable, rows), 2e-5f);
                Profile profile = executable.profile();
                assertEquals(0, profile.compileNanos(), "compiled again for " + rows + " rows");
                // Parcels grow fourfold, and the smallest has 1 KiB; an array has a header of 16 bytes.
                long inputs = Math.max(1024, 4L * ElementType.BYTES * (rows * products.k + 16)) + 16;
                assertEquals(0, profile.bytesOut(), "a run copies nothing back before somebody reads");
                assertTrue(
                        profile.bytesIn() <= inputs + 10L * BYTES_OF_A_TASK,
                        rows + " rows: TornadoVM counted " + profile.bytesIn() + " bytes up, inputs are " + inputs);
                Traffic run = device.traffic().since(before);
                assertTrue(run.bytesUp() <= inputs, rows + " rows: " + run);
                assertEquals((long) ElementType.BYTES * rows * products.k, run.bytesDown());
            }
        }
    }
}
