package dev.gyre.tornado;

import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * {@code out = activation(x·weightᵀ + bias) + residual} with a register tile: a work-group of {@link #LANES} lanes
 * computes {@link #TILE} rows by one panel; lane l holds columns l, l + LANES, l + 2·LANES, l + 3·LANES of each row.
 * Every element is one chain over ascending k; TornadoVM makes fma of {@code a * b + c}.
 */
final class LinearKernels {

    static final int LANES = 16;
    static final int TILE = 4;

    /** {@code extras}: there is a bias. */
    static final int BIAS = 1;

    /** {@code extras}: there is a residual. */
    static final int RESIDUAL = 2;

    private LinearKernels() {}

    static void linear(
            KernelContext context,
            IntArray run,
            int rows,
            int n,
            int k,
            FloatArray x,
            int xAt,
            FloatArray weight,
            int width,
            FloatArray bias,
            FloatArray residual,
            int residualAt,
            int extras,
            int activation,
            FloatArray out,
            int outAt) {
        int panel = context.groupIdx;
        int lane = context.localIdx;
        int r = context.globalIdy * TILE;
        int count = run.get(rows);
        if (r < count) {
            // Rows that do not exist repeat the last one and are not stored.
            int last = count - 1;
            int x0 = xAt + r * k;
            int x1 = xAt + Math.min(r + 1, last) * k;
            int x2 = xAt + Math.min(r + 2, last) * k;
            int x3 = xAt + Math.min(r + 3, last) * k;
            int w = panel * k * PackedWeight.PANEL + lane;
            int next = width == PackedWeight.NARROW ? k * LANES : LANES;
            float a0 = 0f;
            float a1 = 0f;
            float a2 = 0f;
            float a3 = 0f;
            float b0 = 0f;
            float b1 = 0f;
            float b2 = 0f;
            float b3 = 0f;
            float c0 = 0f;
            float c1 = 0f;
            float c2 = 0f;
            float c3 = 0f;
            float d0 = 0f;
            float d1 = 0f;
            float d2 = 0f;
            float d3 = 0f;
            for (int i = 0; i < k; i++) {
                float w0 = weight.get(w);
                float w1 = weight.get(w + next);
                float w2 = weight.get(w + 2 * next);
                float w3 = weight.get(w + 3 * next);
                float a = x.get(x0 + i);
                float b = x.get(x1 + i);
                float c = x.get(x2 + i);
                float d = x.get(x3 + i);
                a0 = a * w0 + a0;
                a1 = a * w1 + a1;
                a2 = a * w2 + a2;
                a3 = a * w3 + a3;
                b0 = b * w0 + b0;
                b1 = b * w1 + b1;
                b2 = b * w2 + b2;
                b3 = b * w3 + b3;
                c0 = c * w0 + c0;
                c1 = c * w1 + c1;
                c2 = c * w2 + c2;
                c3 = c * w3 + c3;
                d0 = d * w0 + d0;
                d1 = d * w1 + d1;
                d2 = d * w2 + d2;
                d3 = d * w3 + d3;
                w += width;
            }
            int column = panel * PackedWeight.PANEL + lane;
            int at = outAt + r * n + column;
            storeRow(out, at, a0, a1, a2, a3, n - column);
            if (r + 1 < count) {
                storeRow(out, at + n, b0, b1, b2, b3, n - column);
            }
            if (r + 2 < count) {
                storeRow(out, at + 2 * n, c0, c1, c2, c3, n - column);
            }
            if (r + 3 < count) {
                storeRow(out, at + 3 * n, d0, d1, d2, d3, n - column);
            }
            if (extras != 0 || activation != 0) {
                // Over the sums just stored: sixteen copies of this would be more than TornadoVM inlines.
                int end = Math.min(count, r + TILE);
                for (int row = r; row < end; row++) {
                    for (int c = column; c < Math.min(n, column + 4 * LANES); c += LANES) {
                        float y = out.get(outAt + row * n + c);
                        if ((extras & BIAS) != 0) {
                            y += bias.get(c);
                        }
                        y = Nonlinear.apply(activation, y);
                        if ((extras & RESIDUAL) != 0) {
                            y += residual.get(residualAt + row * n + c);
                        }
                        out.set(outAt + row * n + c, y);
                    }
                }
            }
        }
    }

    private static void storeRow(FloatArray out, int at, float s0, float s1, float s2, float s3, int left) {
        if (left > 0) {
            out.set(at, s0);
        }
        if (left > LANES) {
            out.set(at + LANES, s1);
        }
        if (left > 2 * LANES) {
            out.set(at + 2 * LANES, s2);
        }
        if (left > 3 * LANES) {
            out.set(at + 3 * LANES, s3);
        }
    }
}
