package dev.gyre.tornado;

import dev.gyre.backend.WeightSource;
import dev.gyre.graph.Tensor.Weight;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;

/**
 * The matrix of a product as kernels read it, the same for Java and OpenCL C kernels: panels of {@code width}
 * rows of the weight, {@code [panel][k][width]}, filled up with zeros to a multiple of {@link #PANEL} rows. One step of k is
 * {@code width} neighbouring floats. The width is PANEL, or {@link #NARROW} where the registers hold no more; then four
 * narrow panels stand where a wide one would.
 */
final class PackedWeight {

    /** Rows of the weight, that is columns of the result, in a panel. */
    static final int PANEL = 64;

    /** Six rows of as many columns fit into the 16 registers of AVX2. */
    static final int NARROW = 16;

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
    static int place(int row, int column, int k, int width) {
        int panel = row / width;
        return (panel * k + column) * width + row - panel * width;
    }

    static void write(Weight weight, WeightSource source, FloatArray packed, int width) {
        int n = weight.shape().rows().limit();
        int k = weight.shape().columns();
        float[] rows = new float[PANEL * k];
        for (int first = 0; first < n; first += PANEL) {
            int count = Math.min(PANEL, n - first);
            source.read(weight, first, count, rows, 0);
            int at = first * k;
            for (int panel = 0; panel < PANEL; panel += width) {
                for (int c = 0; c < k; c++) {
                    for (int r = panel; r < panel + width; r++) {
                        packed.set(at++, r < count ? rows[r * k + c] : 0f);
                    }
                }
            }
        }
    }
}
