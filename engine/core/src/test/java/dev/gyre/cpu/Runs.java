package dev.gyre.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.gyre.backend.Bindings;
import dev.gyre.backend.Device;
import dev.gyre.backend.DeviceOptions;
import dev.gyre.backend.Executable;
import dev.gyre.graph.ElementType;
import dev.gyre.graph.Tensor.Value;

/** Devices to compare, and what runs on them give. */
final class Runs {

    private Runs() {}

    static Device reference() {
        return new ReferenceBackend().open(0, DeviceOptions.DEFAULTS);
    }

    /** The cpu device with three threads, so that work is cut even where there are fewer cores. */
    static Device cpu(Kernels kernels) {
        return new CpuDevice(new CpuBackend().devices().getFirst(), DeviceOptions.DEFAULTS.withThreads(3), kernels);
    }

    /** An output of the last run; integers as floats. */
    static float[] read(Executable executable, Bindings bindings, Value output) {
        int count = bindings.elements(output);
        float[] floats = new float[count];
        if (output.type() == ElementType.INT32) {
            int[] ints = new int[count];
            executable.read(output, ints, count);
            for (int i = 0; i < count; i++) {
                floats[i] = ints[i];
            }
        } else {
            executable.read(output, floats, count);
        }
        return floats;
    }

    static void assertClose(float[] expected, float[] actual, float tolerance, String what) {
        assertEquals(expected.length, actual.length, what);
        for (int i = 0; i < expected.length; i++) {
            // Infinities are equal or wrong.
            if (expected[i] != actual[i]) {
                float bound = tolerance * Math.max(1, Math.abs(expected[i]));
                assertEquals(expected[i], actual[i], bound, what + ", element " + i);
            }
        }
    }
}
