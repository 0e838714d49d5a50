package dev.gyre.opencl;

import dev.gyre.backend.Bindings;
import dev.gyre.backend.Device;
import dev.gyre.backend.DeviceException;
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
import java.util.List;
import java.util.Optional;

/**
 * Small products in int8 of odd shapes on an open device, by the kernels that a model takes. Every row has a number whose
 * magnitude is 127, so that its scale is 1, nothing is rounded, and results are whole numbers that are known.
 */
final class Int8Trial {

    /** Columns and inner: below a quad, a panel and a tile, one of each, and above. */
    private static final int[][] SHAPES = {{3, 2}, {5, 67}, {16, 64}, {33, 130}, {83, 515}};

    private static final int[] ROWS = {1, 2, 3, 4, 5, 8, 9, 12, 13, 16, 17, 32, 33, 50};
    private static final int MOST_ROWS = 64;

    private Int8Trial() {}

    /** The first wrong result; empty if all are right. */
    static Optional<String> fault(Device device) {
        try {
            for (int[] shape : SHAPES) {
                Optional<String> fault = fault(device, shape[0], shape[1]);
                if (fault.isPresent()) {
                    return fault;
                }
            }
            return Optional.empty();
        } catch (DeviceException e) {
            return Optional.of(String.valueOf(e.getMessage()));
        }
    }

    private static int number(int row, int column) {
        if (column == row % 2) {
            return row % 3 == 0 ? -127 : 127;
        }
        return (row * 37 + column * 101 + row * column % 29) % 255 - 127;
    }

    private static Optional<String> fault(Device device, int n, int k) {
        Size.Symbol size = new Size.Symbol("ROWS", MOST_ROWS);
        Input x = new Input("x", ElementType.FLOAT32, Shape.of(size, k));
        Input residual = new Input("residual", ElementType.FLOAT32, Shape.of(size, n));
        Value out = new Value("out", ElementType.FLOAT32, Shape.of(size, n));
        Graph graph = new Graph(
                "int8",
                List.of(new Operation.Linear(
                        out, x, Weight.matrix("w", n, k), Weight.vector("b", n), Activation.RELU, residual)),
                List.of(out));
        WeightSource weights = (weight, first, rows, to, offset) -> {
            int columns = weight.shape().axes().size() == 1 ? 1 : weight.shape().columns();
            for (int i = 0; i < rows * columns; i++) {
                to[offset + i] = number(first + i / columns, i % columns);
            }
        };
        float[] xs = new float[MOST_ROWS * k];
        for (int i = 0; i < xs.length; i++) {
            xs[i] = number(i / k + 5, i % k);
        }
        float[] residuals = new float[MOST_ROWS * n];
        for (int i = 0; i < residuals.length; i++) {
            residuals[i] = i % 50;
        }
        try (Executable small = device.compile(new Program("int8", List.of(graph)), weights)) {
            for (int rows : ROWS) {
                small.run(new Bindings(graph).size(size, rows).input(x, xs).input(residual, residuals));
                float[] got = new float[rows * n];
                small.read(out, got, got.length);
                for (int i = 0; i < got.length; i++) {
                    int sum = number(i % n, 0);
                    for (int c = 0; c < k; c++) {
                        sum += number(i / n + 5, c) * number(i % n, c);
                    }
                    float expected = Math.max(0, sum) + residuals[i];
                    if (got[i] != expected) {
                        return Optional.of("a product of " + rows + "x" + n + "x" + k + " has " + got[i]
                                + " where it should have " + expected);
                    }
                }
            }
        }
        return Optional.empty();
    }
}
