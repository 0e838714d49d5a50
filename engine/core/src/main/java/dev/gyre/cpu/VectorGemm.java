package dev.gyre.cpu;

import static dev.gyre.cpu.VectorMath.LANES;
import static dev.gyre.cpu.VectorMath.SPECIES;

import java.util.Arrays;
import jdk.incubator.vector.FloatVector;

/**
 * The product of some rows with one packed panel. A panel is four vectors wide; a tile of up to six rows keeps its
 * result in registers: 24 accumulators, four vectors of the panel and one broadcast element, 29 of 32 registers. CPUs
 * with 16 registers take two rows at a time. The inner dimension is cut into parts; between them the accumulators wait
 * in the result, which changes no bit.
 *
 * <p>The rows of a tile are copied next to one another first, a fixed distance apart, and so is the result. Then one
 * register addresses all of them; with distances that vary C2 has too few and moves addresses through vector registers
 * in the loop. On one core of a Xeon with AVX-512 a tile in the cache did 185 GFLOP/s with varying and 213 with fixed
 * distances; whole products went from 155 to 168, where OpenBLAS does 200 to 220. Unrolling the loop by hand made it
 * slower, as did tiles of 8x3, 9x3 and 14x2.
 *
 * <p>The tiles are written out because C2 keeps vectors in registers only if they are local variables.
 */
final class VectorGemm {

    static final int WIDTH = 4 * LANES;

    /** Six rows need 32 registers: AVX-512, and everything that is not x86. */
    static final int ROW_TILE =
            LANES == 16 || !System.getProperty("os.arch", "").equals("amd64") ? 6 : 2;

    /** Depth of the parts, and distance of the copied rows. */
    private static final int DEPTH = 256;

    /** Floats for the copied rows of a tile. */
    static final int WORK = 6 * DEPTH;

    private VectorGemm() {}

    static void product(
            float[] x,
            int x0,
            int xStride,
            int rows,
            float[] panel,
            int panel0,
            int k,
            float[] out,
            int out0,
            float[] work,
            int work0) {
        Arrays.fill(out, out0, out0 + Math.ceilDiv(rows, ROW_TILE) * ROW_TILE * WIDTH, 0);
        for (int from = 0; from < k; from += DEPTH) {
            int depth = Math.min(DEPTH, k - from);
            for (int r = 0; r < rows; r += ROW_TILE) {
                int count = Math.min(ROW_TILE, rows - r);
                for (int t = 0; t < count; t++) {
                    System.arraycopy(x, x0 + (r + t) * xStride + from, work, work0 + t * DEPTH, depth);
                }
                int part = panel0 + from * WIDTH;
                tile(count, work, work0, panel, part, depth, out, out0 + r * WIDTH);
            }
        }
    }

    /** A tile may compute rows that nobody asked for, from what was copied for another tile. */
    private static void tile(int rows, float[] x, int x0, float[] panel, int panel0, int depth, float[] out, int out0) {
        switch (rows) {
            case 1 -> rows1(x, x0, panel, panel0, depth, out, out0);
            case 2 -> rows2(x, x0, panel, panel0, depth, out, out0);
            case 3, 4 -> rows4(x, x0, panel, panel0, depth, out, out0);
            default -> rows6(x, x0, panel, panel0, depth, out, out0);
        }
    }

    private static void rows1(float[] x, int x0, float[] panel, int panel0, int depth, float[] out, int out0) {
        FloatVector a0 = FloatVector.fromArray(SPECIES, out, out0);
        FloatVector a1 = FloatVector.fromArray(SPECIES, out, out0 + LANES);
        FloatVector a2 = FloatVector.fromArray(SPECIES, out, out0 + 2 * LANES);
        FloatVector a3 = FloatVector.fromArray(SPECIES, out, out0 + 3 * LANES);
        for (int i = 0; i < depth; i++) {
            int p = panel0 + i * WIDTH;
            FloatVector w0 = FloatVector.fromArray(SPECIES, panel, p);
            FloatVector w1 = FloatVector.fromArray(SPECIES, panel, p + LANES);
            FloatVector w2 = FloatVector.fromArray(SPECIES, panel, p + 2 * LANES);
            FloatVector w3 = FloatVector.fromArray(SPECIES, panel, p + 3 * LANES);
            FloatVector a = FloatVector.broadcast(SPECIES, x[x0 + i]);
            a0 = a.fma(w0, a0);
            a1 = a.fma(w1, a1);
            a2 = a.fma(w2, a2);
            a3 = a.fma(w3, a3);
        }
        a0.intoArray(out, out0);
        a1.intoArray(out, out0 + LANES);
        a2.intoArray(out, out0 + 2 * LANES);
        a3.intoArray(out, out0 + 3 * LANES);
    }

    private static void rows2(float[] x, int x0, float[] panel, int panel0, int depth, float[] out, int out0) {
        FloatVector a0 = FloatVector.fromArray(SPECIES, out, out0);
        FloatVector a1 = FloatVector.fromArray(SPECIES, out, out0 + LANES);
        FloatVector a2 = FloatVector.fromArray(SPECIES, out, out0 + 2 * LANES);
        FloatVector a3 = FloatVector.fromArray(SPECIES, out, out0 + 3 * LANES);
        FloatVector b0 = FloatVector.fromArray(SPECIES, out, out0 + 4 * LANES);
        FloatVector b1 = FloatVector.fromArray(SPECIES, out, out0 + 5 * LANES);
        FloatVector b2 = FloatVector.fromArray(SPECIES, out, out0 + 6 * LANES);
        FloatVector b3 = FloatVector.fromArray(SPECIES, out, out0 + 7 * LANES);
        for (int i = 0; i < depth; i++) {
            int p = panel0 + i * WIDTH;
            FloatVector w0 = FloatVector.fromArray(SPECIES, panel, p);
            FloatVector w1 = FloatVector.fromArray(SPECIES, panel, p + LANES);
            FloatVector w2 = FloatVector.fromArray(SPECIES, panel, p + 2 * LANES);
            FloatVector w3 = FloatVector.fromArray(SPECIES, panel, p + 3 * LANES);
            FloatVector a = FloatVector.broadcast(SPECIES, x[x0 + i]);
            a0 = a.fma(w0, a0);
            a1 = a.fma(w1, a1);
            a2 = a.fma(w2, a2);
            a3 = a.fma(w3, a3);
            FloatVector b = FloatVector.broadcast(SPECIES, x[x0 + i + DEPTH]);
            b0 = b.fma(w0, b0);
            b1 = b.fma(w1, b1);
            b2 = b.fma(w2, b2);
            b3 = b.fma(w3, b3);
        }
        a0.intoArray(out, out0);
        a1.intoArray(out, out0 + LANES);
        a2.intoArray(out, out0 + 2 * LANES);
        a3.intoArray(out, out0 + 3 * LANES);
        b0.intoArray(out, out0 + 4 * LANES);
        b1.intoArray(out, out0 + 5 * LANES);
        b2.intoArray(out, out0 + 6 * LANES);
        b3.intoArray(out, out0 + 7 * LANES);
    }

    private static void rows4(float[] x, int x0, float[] panel, int panel0, int depth, float[] out, int out0) {
        FloatVector a0 = FloatVector.fromArray(SPECIES, out, out0);
        FloatVector a1 = FloatVector.fromArray(SPECIES, out, out0 + LANES);
        FloatVector a2 = FloatVector.fromArray(SPECIES, out, out0 + 2 * LANES);
        FloatVector a3 = FloatVector.fromArray(SPECIES, out, out0 + 3 * LANES);
        FloatVector b0 = FloatVector.fromArray(SPECIES, out, out0 + 4 * LANES);
        FloatVector b1 = FloatVector.fromArray(SPECIES, out, out0 + 5 * LANES);
        FloatVector b2 = FloatVector.fromArray(SPECIES, out, out0 + 6 * LANES);
        FloatVector b3 = FloatVector.fromArray(SPECIES, out, out0 + 7 * LANES);
        FloatVector c0 = FloatVector.fromArray(SPECIES, out, out0 + 8 * LANES);
        FloatVector c1 = FloatVector.fromArray(SPECIES, out, out0 + 9 * LANES);
        FloatVector c2 = FloatVector.fromArray(SPECIES, out, out0 + 10 * LANES);
        FloatVector c3 = FloatVector.fromArray(SPECIES, out, out0 + 11 * LANES);
        FloatVector d0 = FloatVector.fromArray(SPECIES, out, out0 + 12 * LANES);
        FloatVector d1 = FloatVector.fromArray(SPECIES, out, out0 + 13 * LANES);
        FloatVector d2 = FloatVector.fromArray(SPECIES, out, out0 + 14 * LANES);
        FloatVector d3 = FloatVector.fromArray(SPECIES, out, out0 + 15 * LANES);
        for (int i = 0; i < depth; i++) {
            int p = panel0 + i * WIDTH;
            FloatVector w0 = FloatVector.fromArray(SPECIES, panel, p);
            FloatVector w1 = FloatVector.fromArray(SPECIES, panel, p + LANES);
            FloatVector w2 = FloatVector.fromArray(SPECIES, panel, p + 2 * LANES);
            FloatVector w3 = FloatVector.fromArray(SPECIES, panel, p + 3 * LANES);
            FloatVector a = FloatVector.broadcast(SPECIES, x[x0 + i]);
            a0 = a.fma(w0, a0);
            a1 = a.fma(w1, a1);
            a2 = a.fma(w2, a2);
            a3 = a.fma(w3, a3);
            FloatVector b = FloatVector.broadcast(SPECIES, x[x0 + i + DEPTH]);
            b0 = b.fma(w0, b0);
            b1 = b.fma(w1, b1);
            b2 = b.fma(w2, b2);
            b3 = b.fma(w3, b3);
            FloatVector c = FloatVector.broadcast(SPECIES, x[x0 + i + 2 * DEPTH]);
            c0 = c.fma(w0, c0);
            c1 = c.fma(w1, c1);
            c2 = c.fma(w2, c2);
            c3 = c.fma(w3, c3);
            FloatVector d = FloatVector.broadcast(SPECIES, x[x0 + i + 3 * DEPTH]);
            d0 = d.fma(w0, d0);
            d1 = d.fma(w1, d1);
            d2 = d.fma(w2, d2);
            d3 = d.fma(w3, d3);
        }
        a0.intoArray(out, out0);
        a1.intoArray(out, out0 + LANES);
        a2.intoArray(out, out0 + 2 * LANES);
        a3.intoArray(out, out0 + 3 * LANES);
        b0.intoArray(out, out0 + 4 * LANES);
        b1.intoArray(out, out0 + 5 * LANES);
        b2.intoArray(out, out0 + 6 * LANES);
        b3.intoArray(out, out0 + 7 * LANES);
        c0.intoArray(out, out0 + 8 * LANES);
        c1.intoArray(out, out0 + 9 * LANES);
        c2.intoArray(out, out0 + 10 * LANES);
        c3.intoArray(out, out0 + 11 * LANES);
        d0.intoArray(out, out0 + 12 * LANES);
        d1.intoArray(out, out0 + 13 * LANES);
        d2.intoArray(out, out0 + 14 * LANES);
        d3.intoArray(out, out0 + 15 * LANES);
    }

    private static void rows6(float[] x, int x0, float[] panel, int panel0, int depth, float[] out, int out0) {
        FloatVector a0 = FloatVector.fromArray(SPECIES, out, out0);
        FloatVector a1 = FloatVector.fromArray(SPECIES, out, out0 + LANES);
        FloatVector a2 = FloatVector.fromArray(SPECIES, out, out0 + 2 * LANES);
        FloatVector a3 = FloatVector.fromArray(SPECIES, out, out0 + 3 * LANES);
        FloatVector b0 = FloatVector.fromArray(SPECIES, out, out0 + 4 * LANES);
        FloatVector b1 = FloatVector.fromArray(SPECIES, out, out0 + 5 * LANES);
        FloatVector b2 = FloatVector.fromArray(SPECIES, out, out0 + 6 * LANES);
        FloatVector b3 = FloatVector.fromArray(SPECIES, out, out0 + 7 * LANES);
        FloatVector c0 = FloatVector.fromArray(SPECIES, out, out0 + 8 * LANES);
        FloatVector c1 = FloatVector.fromArray(SPECIES, out, out0 + 9 * LANES);
        FloatVector c2 = FloatVector.fromArray(SPECIES, out, out0 + 10 * LANES);
        FloatVector c3 = FloatVector.fromArray(SPECIES, out, out0 + 11 * LANES);
        FloatVector d0 = FloatVector.fromArray(SPECIES, out, out0 + 12 * LANES);
        FloatVector d1 = FloatVector.fromArray(SPECIES, out, out0 + 13 * LANES);
        FloatVector d2 = FloatVector.fromArray(SPECIES, out, out0 + 14 * LANES);
        FloatVector d3 = FloatVector.fromArray(SPECIES, out, out0 + 15 * LANES);
        FloatVector e0 = FloatVector.fromArray(SPECIES, out, out0 + 16 * LANES);
        FloatVector e1 = FloatVector.fromArray(SPECIES, out, out0 + 17 * LANES);
        FloatVector e2 = FloatVector.fromArray(SPECIES, out, out0 + 18 * LANES);
        FloatVector e3 = FloatVector.fromArray(SPECIES, out, out0 + 19 * LANES);
        FloatVector f0 = FloatVector.fromArray(SPECIES, out, out0 + 20 * LANES);
        FloatVector f1 = FloatVector.fromArray(SPECIES, out, out0 + 21 * LANES);
        FloatVector f2 = FloatVector.fromArray(SPECIES, out, out0 + 22 * LANES);
        FloatVector f3 = FloatVector.fromArray(SPECIES, out, out0 + 23 * LANES);
        for (int i = 0; i < depth; i++) {
            int p = panel0 + i * WIDTH;
            FloatVector w0 = FloatVector.fromArray(SPECIES, panel, p);
            FloatVector w1 = FloatVector.fromArray(SPECIES, panel, p + LANES);
            FloatVector w2 = FloatVector.fromArray(SPECIES, panel, p + 2 * LANES);
            FloatVector w3 = FloatVector.fromArray(SPECIES, panel, p + 3 * LANES);
            FloatVector a = FloatVector.broadcast(SPECIES, x[x0 + i]);
            a0 = a.fma(w0, a0);
            a1 = a.fma(w1, a1);
            a2 = a.fma(w2, a2);
            a3 = a.fma(w3, a3);
            FloatVector b = FloatVector.broadcast(SPECIES, x[x0 + i + DEPTH]);
            b0 = b.fma(w0, b0);
            b1 = b.fma(w1, b1);
            b2 = b.fma(w2, b2);
            b3 = b.fma(w3, b3);
            FloatVector c = FloatVector.broadcast(SPECIES, x[x0 + i + 2 * DEPTH]);
            c0 = c.fma(w0, c0);
            c1 = c.fma(w1, c1);
            c2 = c.fma(w2, c2);
            c3 = c.fma(w3, c3);
            FloatVector d = FloatVector.broadcast(SPECIES, x[x0 + i + 3 * DEPTH]);
            d0 = d.fma(w0, d0);
            d1 = d.fma(w1, d1);
            d2 = d.fma(w2, d2);
            d3 = d.fma(w3, d3);
            FloatVector e = FloatVector.broadcast(SPECIES, x[x0 + i + 4 * DEPTH]);
            e0 = e.fma(w0, e0);
            e1 = e.fma(w1, e1);
            e2 = e.fma(w2, e2);
            e3 = e.fma(w3, e3);
            FloatVector f = FloatVector.broadcast(SPECIES, x[x0 + i + 5 * DEPTH]);
            f0 = f.fma(w0, f0);
            f1 = f.fma(w1, f1);
            f2 = f.fma(w2, f2);
            f3 = f.fma(w3, f3);
        }
        a0.intoArray(out, out0);
        a1.intoArray(out, out0 + LANES);
        a2.intoArray(out, out0 + 2 * LANES);
        a3.intoArray(out, out0 + 3 * LANES);
        b0.intoArray(out, out0 + 4 * LANES);
        b1.intoArray(out, out0 + 5 * LANES);
        b2.intoArray(out, out0 + 6 * LANES);
        b3.intoArray(out, out0 + 7 * LANES);
        c0.intoArray(out, out0 + 8 * LANES);
        c1.intoArray(out, out0 + 9 * LANES);
        c2.intoArray(out, out0 + 10 * LANES);
        c3.intoArray(out, out0 + 11 * LANES);
        d0.intoArray(out, out0 + 12 * LANES);
        d1.intoArray(out, out0 + 13 * LANES);
        d2.intoArray(out, out0 + 14 * LANES);
        d3.intoArray(out, out0 + 15 * LANES);
        e0.intoArray(out, out0 + 16 * LANES);
        e1.intoArray(out, out0 + 17 * LANES);
        e2.intoArray(out, out0 + 18 * LANES);
        e3.intoArray(out, out0 + 19 * LANES);
        f0.intoArray(out, out0 + 20 * LANES);
        f1.intoArray(out, out0 + 21 * LANES);
        f2.intoArray(out, out0 + 22 * LANES);
        f3.intoArray(out, out0 + 23 * LANES);
    }
}
