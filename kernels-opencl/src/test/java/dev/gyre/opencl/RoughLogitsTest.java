package dev.gyre.opencl;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import dev.gyre.backend.Bindings;
import dev.gyre.backend.ComputeType;
import dev.gyre.backend.DeviceDescription.Kind;
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
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
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
}
