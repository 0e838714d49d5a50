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
import java.util.function.DoubleUnaryOperator;
import java.util.function.IntToDoubleFunction;

/**
 * Small products of odd shapes on an open device, by the kernels that a model takes, against sums in float64.
 *
 * @param numbers of weights and rows
 * @param multiplied what is multiplied instead of a number, rounded as the kernels have to
 * @param bound how far a result may be away, as a part of the sum of the magnitudes of its terms, by their number
 */
record ProductTrial(Numbers numbers, DoubleUnaryOperator multiplied, IntToDoubleFunction bound) {

    /** Columns and inner: below a quad, a panel and a tile, one of each, and above. */
    private static final int[][] SHAPES = {{3, 2}, {5, 67}, {16, 64}, {33, 130}, {83, 515}};

    private static final int[] ROWS = {1, 2, 3, 4, 5, 8, 9, 12, 13, 16, 17, 32, 33, 50};
    private static final int MOST_ROWS = 64;

    /** A number for each place of a matrix. */
    interface Numbers {
        float at(int row, int column);
    }

    /** The first wrong result; empty if all are right. */
    Optional<String> fault(Device device) {
        return fault(device, SHAPES);
    }

    /** The same of other shapes: columns and inner of each. */
    Optional<String> fault(Device device, int[][] shapes) {
        try {
            for (int[] shape : shapes) {
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

    private Optional<String> fault(Device device, int n, int k) {
        Size.Symbol size = new Size.Symbol("ROWS", MOST_ROWS);
        Input x = new Input("x", ElementType.FLOAT32, Shape.of(size, k));
        Input residual = new Input("residual", ElementType.FLOAT32, Shape.of(size, n));
        Value out = new Value("out", ElementType.FLOAT32, Shape.of(size, n));
        Graph graph = new Graph(
                "trial",
                List.of(new Operation.Linear(
                        out, x, Weight.matrix("w", n, k), Weight.vector("b", n), Activation.RELU, residual)),
                List.of(out));
        WeightSource weights = (weight, first, rows, to, offset) -> {
            int columns = weight.shape().axes().size() == 1 ? 1 : weight.shape().columns();
            for (int i = 0; i < rows * columns; i++) {
                to[offset + i] = numbers.at(first + i / columns, i % columns);
            }
        };
        float[] xs = new float[MOST_ROWS * k];
        for (int i = 0; i < xs.length; i++) {
            xs[i] = numbers.at(i / k + 5, i % k);
        }
        float[] residuals = new float[MOST_ROWS * n];
        for (int i = 0; i < residuals.length; i++) {
            residuals[i] = i % 50;
        }
        double[][] ws = rounded(n, k, 0);
        double[][] rounded = rounded(MOST_ROWS, k, 5);
        try (Executable small = device.compile(new Program("trial", List.of(graph)), weights)) {
            for (int rows : ROWS) {
                small.run(new Bindings(graph).size(size, rows).input(x, xs).input(residual, residuals));
                float[] got = new float[rows * n];
                small.read(out, got, got.length);
                for (int i = 0; i < got.length; i++) {
                    double sum = numbers.at(i % n, 0);
                    double magnitudes = Math.abs(sum) + Math.abs(residuals[i]);
                    for (int c = 0; c < k; c++) {
                        double term = rounded[i / n][c] * ws[i % n][c];
                        sum += term;
                        magnitudes += Math.abs(term);
                    }
                    double expected = Math.max(0, sum) + residuals[i];
                    if (!(Math.abs(got[i] - expected) <= bound.applyAsDouble(k) * magnitudes)) {
                        return Optional.of("a product of " + rows + "x" + n + "x" + k + " has " + got[i]
                                + " where it should have " + (float) expected);
                    }
                }
            }
        }
        return Optional.empty();
    }

    private double[][] rounded(int rows, int columns, int first) {
        double[][] all = new double[rows][columns];
        for (int r = 0; r < rows; r++) {
            for (int c = 0; c < columns; c++) {
                all[r][c] = multiplied.applyAsDouble(numbers.at(first + r, c));
            }
        }
        return all;
    }
}
