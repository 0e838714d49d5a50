package dev.gyre;

import dev.gyre.scheduler.EncodedText;
import dev.gyre.scheduler.TextEncoding.Wanted;
import java.util.Arrays;
import java.util.Objects;

/** How the rows of a text's tokens become one vector. Special tokens count, as in sentence-transformers. */
public enum Pooling {
    /** The mean of all rows. */
    MEAN,
    /** The first row. */
    CLS,
    /** The largest number of every column. */
    MAX,
    /** The sum of all rows over the square root of their number. */
    MEAN_SQRT_LENGTH,
    /** The mean of all rows, the n-th counted n times. */
    WEIGHTED_MEAN,
    /** The last row. */
    LAST,
    /** What the model's own pooler makes of the first row. */
    POOLER;

    Wanted wanted() {
        return this == POOLER ? Wanted.POOLED : Wanted.ROWS;
    }

    float[] of(EncodedText text, int width) {
        if (this == POOLER) {
            return Objects.requireNonNull(text.pooled());
        }
        float[] rows = Objects.requireNonNull(text.rows());
        int n = rows.length / width;
        return switch (this) {
            case CLS -> Arrays.copyOf(rows, width);
            case LAST -> Arrays.copyOfRange(rows, (n - 1) * width, n * width);
            case MAX -> largest(rows, n, width);
            case MEAN -> sum(rows, n, width, n);
            case WEIGHTED_MEAN -> weighted(rows, n, width);
            case MEAN_SQRT_LENGTH, POOLER -> sum(rows, n, width, Math.sqrt(n));
        };
    }

    private static float[] sum(float[] rows, int n, int width, double divisor) {
        float[] pooled = new float[width];
        for (int c = 0; c < width; c++) {
            double sum = 0;
            for (int r = 0; r < n; r++) {
                sum += rows[r * width + c];
            }
            pooled[c] = (float) (sum / divisor);
        }
        return pooled;
    }

    private static float[] weighted(float[] rows, int n, int width) {
        float[] weighted = new float[rows.length];
        for (int i = 0; i < rows.length; i++) {
            weighted[i] = rows[i] * (1 + i / width);
        }
        return sum(weighted, n, width, n * (n + 1L) / 2.0);
    }

    private static float[] largest(float[] rows, int n, int width) {
        float[] pooled = Arrays.copyOf(rows, width);
        for (int i = width; i < n * width; i++) {
            pooled[i % width] = Math.max(pooled[i % width], rows[i]);
        }
        return pooled;
    }
}
