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
            FloatArray out,
            int outAt,
            FloatArray x,
            int xAt,
            FloatArray weight,
            FloatArray bias,
            FloatArray residual,
            int residualAt,
            int extras,
            int activation) {
        tile(
                context.groupIdx,
                context.localIdx,
                context.globalIdy,
                run.get(rows),
                n,
                k,
                out,
                outAt,
                x,
                xAt,
                weight,
                bias,
                residual,
                residualAt,
                extras,
                activation);
    }

    /** Lane {@code lane} of panel {@code panel} and row block {@code block}. */
    static void tile(
            int panel,
            int lane,
            int block,
            int count,
            int n,
            int k,
            FloatArray out,
            int outAt,
            FloatArray x,
            int xAt,
            FloatArray weight,
            FloatArray bias,
            FloatArray residual,
            int residualAt,
            int extras,
            int activation) {
        int r = block * TILE;
        if (r < count) {
            // Rows that do not exist repeat the last one and are not stored.
            int last = count - 1;
            int x0 = xAt + r * k;
            int x1 = xAt + Math.min(r + 1, last) * k;
            int x2 = xAt + Math.min(r + 2, last) * k;
            int x3 = xAt + Math.min(r + 3, last) * k;
            int w = panel * k * PackedWeight.PANEL + lane;
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
                float w1 = weight.get(w + LANES);
                float w2 = weight.get(w + 2 * LANES);
                float w3 = weight.get(w + 3 * LANES);
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
                w += PackedWeight.PANEL;
            }
            int column = panel * PackedWeight.PANEL + lane;
            store(a0, r, column, count, n, out, outAt, bias, residual, residualAt, extras, activation);
            store(a1, r, column + LANES, count, n, out, outAt, bias, residual, residualAt, extras, activation);
            store(a2, r, column + 2 * LANES, count, n, out, outAt, bias, residual, residualAt, extras, activation);
            store(a3, r, column + 3 * LANES, count, n, out, outAt, bias, residual, residualAt, extras, activation);
            store(b0, r + 1, column, count, n, out, outAt, bias, residual, residualAt, extras, activation);
            store(b1, r + 1, column + LANES, count, n, out, outAt, bias, residual, residualAt, extras, activation);
            store(b2, r + 1, column + 2 * LANES, count, n, out, outAt, bias, residual, residualAt, extras, activation);
            store(b3, r + 1, column + 3 * LANES, count, n, out, outAt, bias, residual, residualAt, extras, activation);
            store(c0, r + 2, column, count, n, out, outAt, bias, residual, residualAt, extras, activation);
            store(c1, r + 2, column + LANES, count, n, out, outAt, bias, residual, residualAt, extras, activation);
            store(c2, r + 2, column + 2 * LANES, count, n, out, outAt, bias, residual, residualAt, extras, activation);
            store(c3, r + 2, column + 3 * LANES, count, n, out, outAt, bias, residual, residualAt, extras, activation);
            store(d0, r + 3, column, count, n, out, outAt, bias, residual, residualAt, extras, activation);
            store(d1, r + 3, column + LANES, count, n, out, outAt, bias, residual, residualAt, extras, activation);
            store(d2, r + 3, column + 2 * LANES, count, n, out, outAt, bias, residual, residualAt, extras, activation);
            store(d3, r + 3, column + 3 * LANES, count, n, out, outAt, bias, residual, residualAt, extras, activation);
        }
    }

    private static void store(
            float sum,
            int row,
            int column,
            int count,
            int n,
            FloatArray out,
            int outAt,
            FloatArray bias,
            FloatArray residual,
            int residualAt,
            int extras,
            int activation) {
        if (row < count && column < n) {
            float y = sum;
            if ((extras & BIAS) != 0) {
                y += bias.get(column);
            }
            y = Nonlinear.apply(activation, y);
            if ((extras & RESIDUAL) != 0) {
                y += residual.get(residualAt + row * n + column);
            }
            out.set(outAt + row * n + column, y);
        }
    }
}
