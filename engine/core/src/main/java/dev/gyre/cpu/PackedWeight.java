package dev.gyre.cpu;

import dev.gyre.backend.WeightSource;
import dev.gyre.graph.Tensor.Weight;

/**
 * A matrix {@code [n, k]} for products: panels of neighbouring rows, transposed, so that a product reads it in one
 * stream and multiplies whole vectors.
 *
 * <pre>
 *   element (row, i) is at  START + (row / width)·k·width + i·width + row % width
 * </pre>
 *
 * The last panel is filled up with zeros. A table that is also read row by row (the embeddings that are the output
 * matrix too) is gathered from the panels instead of being stored twice.
 *
 * @param values panels one after the other, from {@link #START} on
 */
record PackedWeight(int rows, int depth, int width, float[] values) {

    /** The data of an array begins 16 bytes into it; after 12 elements panels of 64 bytes lie on cache lines. */
    static final int START = 12;

    static long bytes(Weight weight, int width) {
        return (long) Math.ceilDiv(weight.shape().rows().limit(), width)
                * width
                * weight.shape().columns()
                * Float.BYTES;
    }

    static PackedWeight read(Weight weight, WeightSource source, int width) {
        int rows = weight.shape().rows().limit();
        int depth = weight.shape().columns();
        float[] values = new float[Math.toIntExact(START + bytes(weight, width) / Float.BYTES)];
        float[] some = new float[width * depth];
        for (int first = 0; first < rows; first += width) {
            int count = Math.min(width, rows - first);
            source.read(weight, first, count, some, 0);
            pack(some, 0, depth, count, depth, width, values, START + first * depth);
        }
        return new PackedWeight(rows, depth, width, values);
    }

    /** Transposes rows into one panel; the columns that are left over become zero. */
    static void pack(float[] rows, int rows0, int stride, int count, int depth, int width, float[] panel, int panel0) {
        for (int i = 0; i < depth; i++) {
            int to = panel0 + i * width;
            for (int r = 0; r < count; r++) {
                panel[to + r] = rows[rows0 + r * stride + i];
            }
            java.util.Arrays.fill(panel, to + count, to + width, 0);
        }
    }

    int panels() {
        return Math.ceilDiv(rows, width);
    }

    /** Where a panel starts in {@link #values}. */
    int panel(int number) {
        return START + number * depth * width;
    }
}
