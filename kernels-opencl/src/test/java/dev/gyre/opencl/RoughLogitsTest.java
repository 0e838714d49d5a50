package dev.gyre.opencl;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.gyre.backend.Bindings;
import dev.gyre.backend.ComputeType;
import dev.gyre.backend.DeviceDescription.Kind;
import dev.gyre.backend.DeviceException;
import dev.gyre.backend.DeviceOptions;
import dev.gyre.backend.Executable;
import dev.gyre.backend.WeightSource;
import dev.gyre.graph.ElementType;
import dev.gyre.graph.Graph;
import dev.gyre.graph.GraphBuilder;
import dev.gyre.graph.Operation.SelectTop;
import dev.gyre.graph.Program;
import dev.gyre.graph.Shape;
import dev.gyre.graph.Size;
import dev.gyre.graph.Size.Symbol;
import dev.gyre.graph.Tensor.Input;
import dev.gyre.graph.Tensor.Weight;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The best token is the same, and its logit to the bit, whether all logits are computed or only those that may be it. */
class RoughLogitsTest {

    @TempDir
    static Path cache;

    private static final int MOST_ROWS = 13;

    /** An output layer, of which a run wants all or the best only. */
    private static final class Output {

        final Symbol rows = new Symbol("ROWS", MOST_ROWS);
        final Symbol scored = new Symbol("SCORED", MOST_ROWS);
        final Symbol edits = new Symbol("EDITS", 100);
        final Symbol top = new Symbol("TOP", 4);
        final int n;
        final int k;
        final Input x;
        final Input normalise = new Input("normalise", ElementType.INT32, Shape.of(rows));
        final Input editOffsets = new Input("editOffsets", ElementType.INT32, Shape.of(new Size.Plus(rows, 1)));
        final Input editTokens = new Input("editTokens", ElementType.INT32, Shape.of(edits));
        final Input editKinds = new Input("editKinds", ElementType.INT32, Shape.of(edits));
        final Input editAmounts = new Input("editAmounts", ElementType.FLOAT32, Shape.of(edits));
        final SelectTop select;
        final Graph graph;

        Output(int n, int k, boolean bias) {
            this.n = n;
            this.k = k;
            x = new Input("x", ElementType.FLOAT32, Shape.of(rows, k));
            GraphBuilder g = new GraphBuilder("output");
            select = g.selectTop(
                    g.linear(x, Weight.matrix("w", n, k), bias ? Weight.vector("b", n) : null),
                    top,
                    scored,
                    normalise,
                    editOffsets,
                    editTokens,
                    editKinds,
                    editAmounts);
            graph = g.build();
        }

        Executable on(OpenClDevice device, WeightSource weights) {
            return device.compile(new Program("output", List.of(graph)), weights);
        }

        Bindings run(float[] xs, int[][] tokens, boolean best) {
            int count = xs.length / k;
            int[] offsets = new int[count + 1];
            for (int r = 0; r < count; r++) {
                offsets[r + 1] = offsets[r] + tokens[r % tokens.length].length;
            }
            int total = offsets[count];
            int[] flat = IntStream.range(0, count)
                    .flatMap(r -> IntStream.of(tokens[r % tokens.length]))
                    .toArray();
            float[] amounts = new float[total];
            for (int i = 0; i < total; i++) {
                amounts[i] = i % 2 == 0 ? 1.7f : 0.4f;
            }
            return new Bindings(graph)
                    .size(rows, count)
                    .size(scored, best ? 0 : count)
                    .size(top, 1)
                    .size(edits, total)
                    .input(x, xs)
                    .input(normalise, new int[count])
                    .input(editOffsets, offsets)
                    .input(editTokens, flat)
                    .input(editKinds, IntStream.range(0, total).map(i -> i % 3).toArray())
                    .input(editAmounts, amounts);
        }
    }

    private record Best(int[] ids, float[] values) {}

    private static Best best(Executable executable, Output output, Bindings bindings, int count) {
        executable.run(bindings);
        int[] ids = new int[count];
        float[] values = new float[count];
        executable.read(output.select.ids(), ids, count);
        executable.read(output.select.values(), values, count);
        return new Best(ids, values);
    }

    private static OpenClDevice open(ComputeType type, String fused, int panel) {
        return Devices.open(
                cache,
                DeviceOptions.DEFAULTS
                        .withKernels(Kind.CPU)
                        .withComputeType(type)
                        .withTuning(Map.of(
                                "opencl.rough", "on", "opencl.fused", fused, "opencl.panel", String.valueOf(panel))));
    }

    private static WeightSource weights(float[] w, float[] b) {
        return (weight, first, rows, destination, offset) -> {
            int columns = weight.shape().columns();
            boolean matrix = weight.name().startsWith("w");
            System.arraycopy(matrix ? w : b, first * columns, destination, offset, rows * columns);
        };
    }

    private static float[] noise(Random random, int count) {
        float[] all = new float[count];
        for (int i = 0; i < count; i++) {
            all[i] = (float) random.nextGaussian();
        }
        return all;
    }

    private static void requireSame(
            OpenClDevice device, Output output, WeightSource weights, float[] xs, int[]... edits) {
        try (Executable executable = output.on(device, weights)) {
            requireSame(executable, output, xs, edits);
        }
    }

    private static void requireSame(Executable executable, Output output, float[] xs, int[]... edits) {
        int count = xs.length / output.k;
        Best rough = best(executable, output, output.run(xs, edits, true), count);
        Best whole = best(executable, output, output.run(xs, edits, false), count);
        String what = output.n + " by " + output.k + ", " + count + " rows";
        assertArrayEquals(whole.ids, rough.ids, what);
        assertArrayEquals(whole.values, rough.values, what);
        // What a run of the one kind leaves behind is no matter to one of the other.
        Best again = best(executable, output, output.run(xs, edits, true), count);
        assertArrayEquals(whole.ids, again.ids, what);
    }

    private static int[] someTokens(Random random, int n) {
        return random.ints(Math.min(n, 7), 0, n).distinct().toArray();
    }

    @ParameterizedTest
    @CsvSource({
        "FLOAT32, on, 16",
        "FLOAT32, off, 64",
        "FLOAT16, off, 16",
        "BFLOAT16, on, 16",
        "BFLOAT16, off, 32",
        "FLOAT32, off, 48"
    })
    void allShapesAndEdits(ComputeType type, String fused, int panel) {
        Random random = new Random(panel);
        try (OpenClDevice device = open(type, fused, panel)) {
            for (int n : new int[] {1, 15, 16, 17, 33, 64, 65, 100, 1000, 4099}) {
                for (int k : n > 1000 ? new int[] {64} : new int[] {1, 3, 16, 33, 128}) {
                    Output output = new Output(n, k, n % 2 == 0);
                    WeightSource weights = weights(noise(random, n * k), noise(random, n));
                    try (Executable executable = output.on(device, weights)) {
                        for (int rows : new int[] {1, 2, 3, 5, 7, MOST_ROWS}) {
                            float[] xs = noise(random, rows * k);
                            requireSame(executable, output, xs, new int[0]);
                            requireSame(
                                    executable,
                                    output,
                                    xs,
                                    someTokens(random, n),
                                    new int[0],
                                    someTokens(random, n),
                                    someTokens(random, n));
                        }
                    }
                }
            }
        }
    }

    @Test
    void ofEqualOnesTheFirst() {
        Random random = new Random(3);
        Output output = new Output(100, 20, false);
        float[] some = noise(random, 10 * 20);
        float[] w = new float[100 * 20];
        for (int row = 0; row < 100; row++) {
            System.arraycopy(some, row * 7 % 10 * 20, w, row * 20, 20);
        }
        try (OpenClDevice device = open(ComputeType.FLOAT32, "off", 16)) {
            requireSame(device, output, weights(w, w), noise(random, 13 * 20), new int[0], new int[] {99, 4});
        }
    }

    @Test
    void everythingBanned() {
        Random random = new Random(4);
        Output output = new Output(20, 8, true);
        try (OpenClDevice device = open(ComputeType.FLOAT32, "off", 16)) {
            float[] b = noise(random, 20);
            for (int i = 0; i < 20; i++) {
                b[i] = i % 3 == 0 ? b[i] : Float.NEGATIVE_INFINITY;
            }
            // Kinds take turns: every third of these is a ban.
            int[] thirds = IntStream.range(0, 20)
                    .flatMap(i -> i % 3 == 0 ? IntStream.of(i, (i + 1) % 20, (i + 2) % 20) : IntStream.empty())
                    .toArray();
            requireSame(device, output, weights(noise(random, 160), b), noise(random, 16), thirds);
        }
    }

    private static final float[] SPECIAL = {
        Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY, 0, -0f, 1e-38f, 1e-45f, 1e30f, -1e30f, 3e38f
    };

    @ParameterizedTest
    @CsvSource({"16, 0.02", "16, 0.0005", "64, 0.005"})
    void numbersThatAreNoneAndExtremeOnes(int panel, double often) {
        Random random = new Random(5);
        try (OpenClDevice device = open(ComputeType.FLOAT32, "off", panel)) {
            for (int n : new int[] {40, 700}) {
                for (int times = 0; times < 6; times++) {
                    Output output = new Output(n, 24, true);
                    float[] w = noise(random, n * 24);
                    float[] b = noise(random, n);
                    float[] xs = noise(random, MOST_ROWS * 24);
                    for (float[] array : List.of(w, b, xs)) {
                        for (int i = 0; i < array.length; i++) {
                            if (random.nextDouble() < often) {
                                array[i] = SPECIAL[random.nextInt(SPECIAL.length)];
                            }
                        }
                    }
                    requireSame(device, output, weights(w, b), xs, new int[0], someTokens(random, n));
                }
            }
        }
    }

    /**
     * Rows, or weights, with a number that nothing is multiplied by, but that leaves few steps for all others (of 127, or of
     * 63); the other side is of numbers that no rounding changes. Also where squares of the one are too small for float32.
     */
    @ParameterizedTest
    @CsvSource({
        "true, 1, 1",
        "false, 1, 1",
        "true, 1e-26, 1e15",
        "true, 1e15, 1e-26",
        "false, 1e-24, 1e13",
        "false, 1e13, 1e-26"
    })
    void boundsHoldWhereRoundingIsBad(boolean rowsAreRounded, float weights, float rows) {
        Random random = new Random(6);
        int n = 500;
        int k = 40;
        Output output = new Output(n, k, false);
        try (OpenClDevice device = open(ComputeType.FLOAT32, "off", 16)) {
            for (int times = 0; times < 10; times++) {
                float[] w = rowsAreRounded ? whole(random, n, k, 63) : spoilt(random, n, k);
                float[] xs = rowsAreRounded ? spoilt(random, MOST_ROWS, k) : whole(random, MOST_ROWS, k, 127);
                requireSame(device, output, weights(scaled(w, weights), w), scaled(xs, rows), new int[0]);
            }
        }
    }

    /** Numbers of the largest magnitude only, whose neighbours the processor adds up in 16 bits. */
    @Test
    void largestNumbersGoIntoSixteenBits() {
        Random random = new Random(8);
        int n = 200;
        int k = 64;
        float[] w = signs(random, n, k);
        Arrays.fill(w, 150 * k, 151 * k, 1);
        float[] xs = signs(random, MOST_ROWS, k);
        Arrays.fill(xs, 0, k, 1);
        Arrays.fill(xs, k, 2 * k, -1);
        try (OpenClDevice device = open(ComputeType.FLOAT32, "off", 16)) {
            requireSame(device, new Output(n, k, false), weights(w, w), xs, new int[0]);
        }
    }

    private static float[] signs(Random random, int rows, int k) {
        float[] all = new float[rows * k];
        for (int i = 0; i < all.length; i++) {
            all[i] = random.nextBoolean() ? 1 : -1;
        }
        return all;
    }

    private static float[] spoilt(Random random, int rows, int k) {
        float[] all = noise(random, rows * k);
        for (int r = 0; r < rows; r++) {
            all[r * k] = 300;
        }
        return all;
    }

    /** From -most to most, which there is in each row. */
    private static float[] whole(Random random, int rows, int k, int most) {
        float[] all = new float[rows * k];
        for (int i = 0; i < all.length; i++) {
            all[i] = i % k == 0 ? 0 : i % k == 1 ? most : random.nextInt(-most, most + 1);
        }
        return all;
    }

    private static float[] scaled(float[] numbers, float factor) {
        float[] all = numbers.clone();
        for (int i = 0; i < all.length; i++) {
            all[i] *= factor;
        }
        return all;
    }

    /** What this is for. Logits of an earlier run are still there where none was computed. */
    @Test
    void fewLogitsAreComputed() {
        Random random = new Random(7);
        Output output = new Output(4096, 256, false);
        try (OpenClDevice device = open(ComputeType.FLOAT32, "off", 16);
                Executable executable = output.on(device, weights(noise(random, 4096 * 256), new float[0]))) {
            int[][] none = {{}};
            executable.run(output.run(noise(random, 3 * 256), none, false));
            float[] before = logits(executable, output, 3);
            executable.run(output.run(noise(random, 3 * 256), none, true));
            float[] after = logits(executable, output, 3);
            long computed = IntStream.range(0, before.length)
                    .filter(i -> before[i] != after[i])
                    .count();
            assertTrue(computed >= 3 * 16 && computed < before.length / 20, computed + " of " + before.length);
        }
    }

    private static float[] logits(Executable executable, Output output, int rows) {
        float[] logits = new float[rows * output.n];
        executable.read(output.select.logits(), logits, logits.length);
        return logits;
    }

    @Test
    void aRunWithoutScoresIsOneOfTheBestToken() {
        Output output = new Output(40, 8, false);
        float[] xs = new float[3 * 8];
        int[][] none = {{}};
        try (OpenClDevice device = open(ComputeType.FLOAT32, "off", 16);
                Executable executable = output.on(device, weights(new float[320], new float[0]))) {
            requireRefused(
                    "graph output: SCORED is 2, which is neither 0 nor ROWS, 3",
                    executable,
                    output.run(xs, none, true).size(output.scored, 2));
            requireRefused(
                    "graph output: SCORED is 0 and TOP is 4, which must be 1 then",
                    executable,
                    output.run(xs, none, true).size(output.top, 4));
            requireRefused(
                    "graph output: SCORED is 0 and row 1 of normalise is 1, which must be 0 then",
                    executable,
                    output.run(xs, none, true).input(output.normalise, new int[] {0, 1, 0}));
        }
    }

    private static void requireRefused(String message, Executable executable, Bindings bindings) {
        assertEquals(
                message,
                assertThrows(IllegalArgumentException.class, () -> executable.run(bindings))
                        .getMessage());
    }

    private static Tuning tuning(int floatWidth, Map<String, String> settings) {
        return Tuning.of(
                Devices.device("Portable Computing Language", Kind.CPU, floatWidth),
                DeviceOptions.DEFAULTS.withTuning(settings),
                Optional.empty(),
                new Units(Int8Unit.PLAIN, FloatUnit.FMA));
    }

    @Test
    void onlyWhereItPays() {
        assertFalse(Rough.whereItPays(8).takes(1000 * 8));
        assertTrue(Rough.whereItPays(8).takes(32000 * 512));
        assertTrue(Rough.EVERYTHING.takes(1));
        assertFalse(Rough.NOTHING.takes(32000 * 512));
        assertEquals(Rough.NOTHING, tuning(8, Map.of("opencl.rough", "off")).rough());
        assertEquals(Rough.EVERYTHING, tuning(8, Map.of("opencl.rough", "on")).rough());
        assertEquals(8, tuning(16, Map.of()).rough().mostRows());
        assertEquals(Rough.NOTHING, tuning(4, Map.of()).rough());
    }

    @Test
    void itsMemoryIsCounted() {
        Output large = new Output(4096, 256, false);
        // A row is there in one byte and in four; beside it, its sides and bounds.
        long weights = 4096L * 256 + 4096 * 4 * Float.BYTES;
        long rows = MOST_ROWS * (256L * (1 + Float.BYTES) + (4 + 256) * Float.BYTES);
        assertEquals(weights + rows, RoughLogits.bytes(large.graph, tuning(8, Map.of("opencl.rough", "on"))));
        assertEquals(0, RoughLogits.bytes(large.graph, tuning(8, Map.of("opencl.rough", "off"))));
    }

    @Test
    void aWrongSettingIsOneLine() {
        assertEquals(
                "setting opencl.rough is \"perhaps\"; it must be auto, on or off",
                assertThrows(DeviceException.class, () -> open("perhaps", ComputeType.FLOAT32, Kind.CPU))
                        .getMessage());
        String cannot = "setting opencl.rough is \"on\", but only kernels for CPUs with float32, float16 or bfloat16"
                + " weights, without tiles, have a rough selection: leave it away";
        assertEquals(
                cannot,
                assertThrows(DeviceException.class, () -> open("on", ComputeType.INT8, Kind.CPU))
                        .getMessage());
        assertEquals(
                cannot,
                assertThrows(DeviceException.class, () -> open("on", ComputeType.FLOAT32, Kind.GPU))
                        .getMessage());
    }

    private static void open(String rough, ComputeType type, Kind kind) {
        Devices.open(
                        cache,
                        DeviceOptions.DEFAULTS
                                .withKernels(kind)
                                .withComputeType(type)
                                .withTuning(Map.of("opencl.rough", rough)))
                .close();
    }
}
