package dev.gyre.opencl;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.gyre.backend.Bindings;
import dev.gyre.backend.ComputeType;
import dev.gyre.backend.Device;
import dev.gyre.backend.DeviceDescription.Kind;
import dev.gyre.backend.DeviceException;
import dev.gyre.backend.DeviceOptions;
import dev.gyre.backend.Executable;
import dev.gyre.backend.WeightSource;
import dev.gyre.graph.Activation;
import dev.gyre.graph.ElementType;
import dev.gyre.graph.Graph;
import dev.gyre.graph.Operation;
import dev.gyre.graph.Program;
import dev.gyre.graph.Shape;
import dev.gyre.graph.Size;
import dev.gyre.graph.Tensor.Input;
import dev.gyre.graph.Tensor.Value;
import dev.gyre.graph.Tensor.Weight;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** All units that this machine can take, the emulated ones at least, against plain C. */
class Int8UnitTest {

    /** Columns and inner: panels and quads that are not full, more than one group, one group that takes few rows alone. */
    private static final int[][] SHAPES = {{5, 3}, {16, 64}, {49, 67}, {100, 200}, {4200, 5}};

    private static final int[] ROWS = {1, 3, 4, 5, 8, 9, 16, 17, 33, 61};
    private static final int MOST_ROWS = 61;

    @TempDir
    private Path cache;

    private OpenClDevice open(Int8Unit unit) {
        return open(Kind.CPU, unit);
    }

    private OpenClDevice open(Kind kernels, Int8Unit unit) {
        return open(kernels, Map.of("opencl.int8", unit.toString()));
    }

    private OpenClDevice open(Map<String, String> tuning) {
        return open(Kind.CPU, tuning);
    }

    private OpenClDevice open(Kind kernels, Map<String, String> tuning) {
        return Devices.open(
                cache,
                DeviceOptions.DEFAULTS
                        .withComputeType(ComputeType.INT8)
                        .withKernels(kernels)
                        .withTuning(tuning));
    }

    private List<Int8Unit> possible(Kind kernels) {
        OpenClBackend backend = Devices.backend(cache);
        assumeTrue(backend.absence().isEmpty(), backend::absence);
        return backend
                .candidates(
                        0,
                        DeviceOptions.DEFAULTS.withComputeType(ComputeType.INT8).withKernels(kernels))
                .stream()
                .filter(settings -> settings.keySet().equals(Set.of("opencl.int8")))
                .map(settings -> Int8Unit.named(settings.get("opencl.int8")))
                .toList();
    }

    @Test
    void theEmulatedOnesAreAlwaysThere() {
        assertTrue(possible(Kind.CPU)
                .containsAll(List.of(
                        Int8Unit.PLAIN, Int8Unit.EMULATED_AMX, Int8Unit.EMULATED_VNNI, Int8Unit.EMULATED_PMADDUBSW)));
        assertTrue(possible(Kind.GPU).containsAll(List.of(Int8Unit.PLAIN, Int8Unit.EMULATED_DP4A)));
    }

    @ParameterizedTest
    @EnumSource(Kind.class)
    void allGiveTheSameBits(Kind kernels) {
        List<List<float[]>> expected = new ArrayList<>();
        try (OpenClDevice device = open(kernels, Int8Unit.PLAIN)) {
            for (int[] shape : SHAPES) {
                expected.add(products(device, shape[0], shape[1]));
            }
        }
        for (Int8Unit unit : possible(kernels)) {
            try (OpenClDevice device = open(kernels, unit)) {
                for (int s = 0; s < SHAPES.length; s++) {
                    List<float[]> got = products(device, SHAPES[s][0], SHAPES[s][1]);
                    for (int r = 0; r < ROWS.length; r++) {
                        assertArrayEquals(
                                expected.get(s).get(r),
                                got.get(r),
                                unit + ", " + ROWS[r] + " rows of " + Arrays.toString(SHAPES[s]));
                    }
                }
            }
        }
    }

    /** Few rows, some and many take kernels of their own, and the last block another tile. */
    @ParameterizedTest
    @EnumSource(Kind.class)
    void aRowIsTheSameInEveryBatch(Kind kernels) {
        for (Int8Unit unit : possible(kernels)) {
            try (OpenClDevice device = open(kernels, unit)) {
                List<float[]> all = products(device, 49, 67);
                float[] most = all.getLast();
                for (float[] some : all) {
                    assertArrayEquals(Arrays.copyOf(most, some.length), some, unit + ", " + some.length / 49 + " rows");
                }
            }
        }
    }

    /** Wherever in a row it stands. */
    @ParameterizedTest
    @EnumSource(Kind.class)
    void whatIsNoNumberMakesItsRowNone(Kind kernels) {
        for (Int8Unit unit : possible(kernels)) {
            try (OpenClDevice device = open(kernels, unit)) {
                for (int k : new int[] {3, 16, 67}) {
                    for (int rows : new int[] {1, 9}) {
                        float[] xs = new float[rows * k];
                        Arrays.fill(xs, 1);
                        xs[k - 1] = Float.NaN;
                        float[] out = product(device, 20, k, xs);
                        for (int i = 0; i < out.length; i++) {
                            int at = i;
                            assertEquals(
                                    i < 20,
                                    Float.isNaN(out[i]),
                                    () -> unit + ", " + k + " columns, " + rows + " rows: " + out[at] + " at " + at);
                        }
                    }
                }
            }
        }
    }

    /** Panels of a work-item. */
    @Test
    void settingsChangeNothing() {
        for (String unit : List.of("plain", "emulated-pmaddubsw", "emulated-vnni")) {
            List<float[]> expected;
            try (OpenClDevice device = open(Map.of("opencl.int8", unit))) {
                expected = products(device, 100, 200);
            }
            for (int panels : new int[] {2, 6, 16}) {
                String block = Integer.toString(panels);
                try (OpenClDevice device = open(Map.of("opencl.int8", unit, "opencl.block", block))) {
                    List<float[]> got = products(device, 100, 200);
                    for (int r = 0; r < ROWS.length; r++) {
                        assertArrayEquals(expected.get(r), got.get(r), unit + ", " + panels + ", " + ROWS[r] + " rows");
                    }
                }
            }
        }
        DeviceException odd = assertThrows(DeviceException.class, () -> open(Map.of("opencl.block", "3")));
        assertEquals("setting opencl.block is 3; in int8 it must be even", odd.getMessage());
    }

    @Test
    void tilesStartWhereTheSettingSays() {
        try (OpenClDevice all = open(Map.of("opencl.int8", "emulated-amx", "opencl.few", "1"));
                OpenClDevice none = open(Int8Unit.EMULATED_VNNI)) {
            List<float[]> expected = products(none, 49, 67);
            List<float[]> got = products(all, 49, 67);
            for (int r = 0; r < ROWS.length; r++) {
                assertArrayEquals(expected.get(r), got.get(r), ROWS[r] + " rows");
            }
        }
    }

    @ParameterizedTest
    @EnumSource(Kind.class)
    void theTrialPassesWhereResultsAreRightAndFailsElsewhere(Kind kernels) {
        for (Int8Unit unit : possible(kernels)) {
            try (OpenClDevice device = open(kernels, unit)) {
                assertEquals(Optional.empty(), Int8Trial.fault(device), unit.toString());
            }
        }
        try (OpenClDevice failing = open(kernels, Map.of("opencl.fail-at", "3"))) {
            assertTrue(Int8Trial.fault(failing).isPresent());
        }
        try (OpenClDevice device = open(kernels, Map.of())) {
            Optional<String> fault = Int8Trial.fault(wrongInTheLast(device));
            assertTrue(fault.orElse("").startsWith("a product of 1x3x2 has"), fault::toString);
        }
    }

    /** The device, but the last number that is read is one too much. */
    private static Device wrongInTheLast(Device device) {
        return (Device) Proxy.newProxyInstance(
                Device.class.getClassLoader(), new Class<?>[] {Device.class}, (_, method, arguments) -> {
                    Object answer = method.invoke(device, arguments);
                    return answer instanceof Executable executable ? wrongInTheLast(executable) : answer;
                });
    }

    private static Executable wrongInTheLast(Executable executable) {
        return (Executable) Proxy.newProxyInstance(
                Executable.class.getClassLoader(), new Class<?>[] {Executable.class}, (_, method, arguments) -> {
                    Object answer = method.invoke(executable, arguments);
                    if (method.getName().equals("read")) {
                        ((float[]) arguments[1])[(int) arguments[2] - 1]++;
                    }
                    return answer;
                });
    }

    /** Of weights that are 1. */
    private static float[] product(OpenClDevice device, int n, int k, float[] xs) {
        Size.Symbol size = new Size.Symbol("ROWS", MOST_ROWS);
        Input x = new Input("x", ElementType.FLOAT32, Shape.of(size, k));
        Value out = new Value("out", ElementType.FLOAT32, Shape.of(size, n));
        Graph graph = new Graph(
                "product",
                List.of(new Operation.Linear(out, x, Weight.matrix("w", n, k), null, Activation.NONE, null)),
                List.of(out));
        WeightSource ones = (_, _, rows, to, offset) -> Arrays.fill(to, offset, offset + rows * k, 1);
        try (Executable executable = device.compile(new Program("product", List.of(graph)), ones)) {
            executable.run(new Bindings(graph).size(size, xs.length / k).input(x, xs));
            float[] got = new float[xs.length / k * n];
            executable.read(out, got, got.length);
            return got;
        }
    }

    private static List<float[]> products(OpenClDevice device, int n, int k) {
        Size.Symbol size = new Size.Symbol("ROWS", MOST_ROWS);
        Input x = new Input("x", ElementType.FLOAT32, Shape.of(size, k));
        Input residual = new Input("residual", ElementType.FLOAT32, Shape.of(size, n));
        Value out = new Value("out", ElementType.FLOAT32, Shape.of(size, n));
        Graph graph = new Graph(
                "products",
                List.of(new Operation.Linear(
                        out, x, Weight.matrix("w", n, k), Weight.vector("b", n), Activation.GELU, residual)),
                List.of(out));
        WeightSource weights = (weight, first, rows, to, offset) -> {
            int columns = weight.shape().axes().size() == 1 ? 1 : weight.shape().columns();
            for (int i = 0; i < rows * columns; i++) {
                to[offset + i] = new Random(first + i / columns * 7919L + i % columns * 31L).nextFloat() - 0.5f;
            }
        };
        Random random = new Random(7);
        float[] xs = new float[MOST_ROWS * k];
        float[] residuals = new float[MOST_ROWS * n];
        for (int i = 0; i < xs.length; i++) {
            // Of two rows every number is as large as it can be: the sums of pairs are at their bounds.
            xs[i] = switch (i / k % 7) {
                case 3 -> i % k % 2 == 0 ? 1 : -1;
                case 5 -> 1;
                default -> random.nextFloat() - 0.4f;
            };
        }
        for (int i = 0; i < residuals.length; i++) {
            residuals[i] = random.nextFloat() - 0.5f;
        }
        List<float[]> all = new ArrayList<>();
        try (Executable executable = device.compile(new Program("products", List.of(graph)), weights)) {
            for (int rows : ROWS) {
                executable.run(new Bindings(graph).size(size, rows).input(x, xs).input(residual, residuals));
                float[] got = new float[rows * n];
                executable.read(out, got, got.length);
                all.add(got);
            }
        }
        return all;
    }
}
