package dev.gyre.cpu;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import dev.gyre.backend.Bindings;
import dev.gyre.backend.Device;
import dev.gyre.backend.Executable;
import dev.gyre.graph.Activation;
import dev.gyre.graph.ElementType;
import dev.gyre.graph.Graph;
import dev.gyre.graph.Operation;
import dev.gyre.graph.Program;
import dev.gyre.graph.Shape;
import dev.gyre.graph.Size.Symbol;
import dev.gyre.graph.Tensor.Input;
import dev.gyre.graph.Tensor.Value;
import dev.gyre.graph.Tensor.Weight;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class CpuLinearTest {

    private static final int[] ODD = {1, 2, 3, 5, 7, 17, 33, 64, 100};
    private static final Symbol ROWS = new Symbol("ROWS", 200);

    static Stream<Arguments> shapes() {
        return Stream.of(new ScalarKernels(), new VectorKernels())
                .flatMap(kernels -> Stream.concat(
                        IntStream.of(ODD)
                                .boxed()
                                .flatMap(n -> IntStream.of(ODD).mapToObj(k -> Arguments.of(kernels, n, k))),
                        Stream.of(Arguments.of(kernels, 129, 513), Arguments.of(kernels, 70, 1100))));
    }

    /** A product with everything fused into it: bias, activation, residual. */
    private static final class Product {
        final Input x;
        final Input residual;
        final Value out;
        final Graph graph;

        Product(int n, int k, Activation activation) {
            x = new Input("x", ElementType.FLOAT32, Shape.of(ROWS, k));
            residual = new Input("residual", ElementType.FLOAT32, Shape.of(ROWS, n));
            out = new Value("out", ElementType.FLOAT32, Shape.of(ROWS, n));
            graph = new Graph(
                    "product",
                    List.of(new Operation.Linear(
                            out, x, Weight.matrix("w", n, k), Weight.vector("b", n), activation, residual)),
                    List.of(out));
        }

        Executable on(Device device) {
            return device.compile(new Program("product", List.of(graph)), new RandomWeights(9));
        }

        float[] run(Executable executable, float[] xs, float[] residuals, int rows) {
            Bindings bindings =
                    new Bindings(graph).size(ROWS, rows).input(x, xs).input(residual, residuals);
            executable.run(bindings);
            return Runs.read(executable, bindings, out);
        }
    }

    private static float[] random(int count, int seed) {
        Random random = new Random(seed);
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = random.nextFloat(-1, 1);
        }
        return values;
    }

    @ParameterizedTest
    @MethodSource("shapes")
    void agreesWithTheReference(Kernels kernels, int n, int k) {
        Product product = new Product(n, k, Activation.values()[(n + k) % Activation.values().length]);
        try (Device reference = Runs.reference();
                Device cpu = Runs.cpu(kernels);
                Executable expected = product.on(reference);
                Executable actual = product.on(cpu)) {
            for (int rows : new int[] {0, 1, 2, 3, 4, 5, 6, 7, 17, 33, 100}) {
                float[] xs = random(rows * k, rows);
                float[] residuals = random(rows * n, rows + 1);
                Runs.assertClose(
                        product.run(expected, xs, residuals, rows),
                        product.run(actual, xs, residuals, rows),
                        (float) (2e-6 * Math.sqrt(k) + 1e-6),
                        rows + "x" + n + "x" + k);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("shapes")
    void isOneChainOfMultiplyAdds(Kernels kernels, int n, int k) {
        Product product = new Product(n, k, Activation.NONE);
        int rows = 101;
        float[] xs = random(rows * k, 3);
        float[] residuals = random(rows * n, 4);
        float[] weight = new float[n * k];
        float[] bias = new float[n];
        new RandomWeights(9).read(Weight.matrix("w", n, k), 0, n, weight, 0);
        new RandomWeights(9).read(Weight.vector("b", n), 0, n, bias, 0);
        float[] chains = new float[rows * n];
        for (int r = 0; r < rows; r++) {
            for (int c = 0; c < n; c++) {
                float sum = 0;
                for (int i = 0; i < k; i++) {
                    sum = Math.fma(xs[r * k + i], weight[c * k + i], sum);
                }
                chains[r * n + c] = sum + bias[c] + residuals[r * n + c];
            }
        }
        try (Device cpu = Runs.cpu(kernels);
                Executable executable = product.on(cpu)) {
            assertArrayEquals(chains, product.run(executable, xs, residuals, rows), 0f);
            for (int some = 1; some < 9; some++) {
                assertArrayEquals(Arrays.copyOf(chains, some * n), product.run(executable, xs, residuals, some), 0f);
            }
        }
    }
}
