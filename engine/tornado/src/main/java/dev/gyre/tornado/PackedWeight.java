package dev.gyre.tornado;

import dev.gyre.backend.WeightSource;
import dev.gyre.graph.Tensor.Weight;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;

/**
 * The matrix of a product as kernels read it, the same for Java and OpenCL C kernels: panels of {@link #PANEL} rows of
 * the weight, {@code [panel][k][PANEL]}, the last panel filled up with zeros. One step of k is PANEL neighbouring floats.
 */
final class PackedWeight {

    /** Rows of the weight, that is columns of the result, in a panel. */
    static final int PANEL = 64;

    private PackedWeight() {}

    static int panels(int n) {
        return Math.ceilDiv(n, PANEL);
    }

    static long elements(Weight weight) {
        return (long) panels(weight.shape().rows().limit())
                * PANEL
                * weight.shape().columns();
    }

    /** Where element (row, column) of a weight with {@code k} columns is. */
    static int place(int row, int column, int k) {
        int panel = row / PANEL;
        return (panel * k + column) * PANEL + row - panel * PANEL;
    }

    static void write(Weight weight, WeightSource source, FloatArray packed) {
        int n = weight.shape().rows().limit();
        int k = weight.shape().columns();
        float[] rows = new float[PANEL * k];
        for (int first = 0; first < n; first += PANEL) {
            int count = Math.min(PANEL, n - first);
            source.read(weight, first, count, rows, 0);
            int at = first * k;
            for (int c = 0; c < k; c++) {
                for (int r = 0; r < PANEL; r++) {
                    packed.set(at++, r < count ? rows[r * k + c] : 0f);
                }
            }
        }
    }
}
