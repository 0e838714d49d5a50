package dev.gyre.cpu;

import static dev.gyre.cpu.VectorMath.LANES;
import static dev.gyre.cpu.VectorMath.SPECIES;

import jdk.incubator.vector.FloatVector;

/**
 * The product of some rows with one packed panel. A panel is four vectors wide; a tile of up to six rows keeps its
 * result in registers: 24 accumulators, four vectors of the panel and one broadcast element, 29 of 32 registers. CPUs
 * with 16 registers take two rows at a time. The loop over the inner dimension is cut so that a part of the panel stays
 * in the first-level cache while all rows pass; accumulators then wait in the result, which changes no bit.
 *
 * <p>The tiles are written out because C2 keeps vectors in registers only if they are local variables.
 */
final class VectorGemm {

    static final int WIDTH = 4 * LANES;

    /** Six rows need 32 registers: AVX-512, and everything that is not x86. */
    static final int ROW_TILE =
            LANES == 16 || !System.getProperty("os.arch", "").equals("amd64") ? 6 : 2;

    /** Depth of a panel's part that is used by all rows before the next. */
    private static final int DEPTH = 256;

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
            int outStride) {
        // With a single tile nothing is used twice, and the panel is read from memory in one go.
        int depth = rows <= ROW_TILE ? k : DEPTH;
        int from = 0;
        do {
            int to = Math.min(k, from + depth);
            for (int r = 0; r < rows; r += ROW_TILE) {
                int left = Math.min(ROW_TILE, rows - r);
                tile(x, x0 + r * xStride, xStride, left, panel, panel0, from, to, out, out0 + r * outStride, outStride);
            }
            from = to;
        } while (from < k);
    }

    /** The rows that a tile has too many repeat the last one. */
    private static void tile(
            float[] x,
            int x0,
            int xStride,
            int rows,
            float[] panel,
            int panel0,
            int from,
            int to,
            float[] out,
            int out0,
            int outStride) {
        int last = rows - 1;
        switch (rows) {
            case 1 -> rows1(x, x0, panel, panel0, from, to, out, out0);
            case 2 -> rows2(x, x0, xStride, panel, panel0, from, to, out, out0, outStride);
            case 3, 4 -> rows4(x, x0, xStride, last, panel, panel0, from, to, out, out0, outStride);
            default -> rows6(x, x0, xStride, last, panel, panel0, from, to, out, out0, outStride);
        }
    }

    private static void rows1(float[] x, int x0, float[] panel, int panel0, int from, int to, float[] out, int out0) {
        int aX = x0;
        int aOut = out0;
        boolean first = from == 0;
        FloatVector a0 = first ? FloatVector.zero(SPECIES) : FloatVector.fromArray(SPECIES, out, aOut);
        FloatVector a1 = first ? FloatVector.zero(SPECIES) : FloatVector.fromArray(SPECIES, out, aOut + LANES);
        FloatVector a2 = first ? FloatVector.zero(SPECIES) : FloatVector.fromArray(SPECIES, out, aOut + 2 * LANES);
        FloatVector a3 = first ? FloatVector.zero(SPECIES) : FloatVector.fromArray(SPECIES, out, aOut + 3 * LANES);
        for (int i = from; i < to; i++) {
            int p = panel0 + i * WIDTH;
            FloatVector w0 = FloatVector.fromArray(SPECIES, panel, p);
            FloatVector w1 = FloatVector.fromArray(SPECIES, panel, p + LANES);
            FloatVector w2 = FloatVector.fromArray(SPECIES, panel, p + 2 * LANES);
            FloatVector w3 = FloatVector.fromArray(SPECIES, panel, p + 3 * LANES);
            FloatVector a = FloatVector.broadcast(SPECIES, x[aX + i]);
            a0 = a.fma(w0, a0);
            a1 = a.fma(w1, a1);
            a2 = a.fma(w2, a2);
            a3 = a.fma(w3, a3);
        }
        a0.intoArray(out, aOut);
        a1.intoArray(out, aOut + LANES);
        a2.intoArray(out, aOut + 2 * LANES);
        a3.intoArray(out, aOut + 3 * LANES);
    }

    private static void rows2(
            float[] x,
            int x0,
            int xStride,
            float[] panel,
            int panel0,
            int from,
            int to,
            float[] out,
            int out0,
            int outStride) {
        int aX = x0;
        int bX = x0 + xStride;
        int aOut = out0;
        int bOut = out0 + outStride;
        boolean first = from == 0;
        FloatVector a0 = first ? FloatVector.zero(SPECIES) : FloatVector.fromArray(SPECIES, out, aOut);
        FloatVector a1 = first ? FloatVector.zero(SPECIES) : FloatVector.fromArray(SPECIES, out, aOut + LANES);
        FloatVector a2 = first ? FloatVector.zero(SPECIES) : FloatVector.fromArray(SPECIES, out, aOut + 2 * LANES);
        FloatVector a3 = first ? FloatVector.zero(SPECIES) : FloatVector.fromArray(SPECIES, out, aOut + 3 * LANES);
        FloatVector b0 = first ? FloatVector.zero(SPECIES) : FloatVector.fromArray(SPECIES, out, bOut);
        FloatVector b1 = first ? FloatVector.zero(SPECIES) : FloatVector.fromArray(SPECIES, out, bOut + LANES);
        FloatVector b2 = first ? FloatVector.zero(SPECIES) : FloatVector.fromArray(SPECIES, out, bOut + 2 * LANES);
        FloatVector b3 = first ? FloatVector.zero(SPECIES) : FloatVector.fromArray(SPECIES, out, bOut + 3 * LANES);
        for (int i = from; i < to; i++) {
            int p = panel0 + i * WIDTH;
            FloatVector w0 = FloatVector.fromArray(SPECIES, panel, p);
            FloatVector w1 = FloatVector.fromArray(SPECIES, panel, p + LANES);
            FloatVector w2 = FloatVector.fromArray(SPECIES, panel, p + 2 * LANES);
            FloatVector w3 = FloatVector.fromArray(SPECIES, panel, p + 3 * LANES);
            FloatVector a = FloatVector.broadcast(SPECIES, x[aX + i]);
            a0 = a.fma(w0, a0);
            a1 = a.fma(w1, a1);
            a2 = a.fma(w2, a2);
            a3 = a.fma(w3, a3);
            FloatVector b = FloatVector.broadcast(SPECIES, x[bX + i]);
            b0 = b.fma(w0, b0);
            b1 = b.fma(w1, b1);
            b2 = b.fma(w2, b2);
            b3 = b.fma(w3, b3);
        }
        a0.intoArray(out, aOut);
        a1.intoArray(out, aOut + LANES);
        a2.intoArray(out, aOut + 2 * LANES);
        a3.intoArray(out, aOut + 3 * LANES);
        b0.intoArray(out, bOut);
        b1.intoArray(out, bOut + LANES);
        b2.intoArray(out, bOut + 2 * LANES);
        b3.intoArray(out, bOut + 3 * LANES);
    }

    private static void rows4(
            float[] x,
            int x0,
            int xStride,
            int last,
            float[] panel,
            int panel0,
            int from,
            int to,
            float[] out,
            int out0,
            int outStride) {
        int aX = x0;
        int bX = x0 + Math.min(1, last) * xStride;
        int cX = x0 + Math.min(2, last) * xStride;
        int dX = x0 + Math.min(3, last) * xStride;
        int aOut = out0;
        int bOut = out0 + outStride;
        int cOut = out0 + 2 * outStride;
        int dOut = out0 + 3 * outStride;
        boolean first = from == 0;
        FloatVector a0 = first ? FloatVector.zero(SPECIES) : FloatVector.fromArray(SPECIES, out, aOut);
        FloatVector a1 = first ? FloatVector.zero(SPECIES) : FloatVector.fromArray(SPECIES, out, aOut + LANES);
        FloatVector a2 = first ? FloatVector.zero(SPECIES) : FloatVector.fromArray(SPECIES, out, aOut + 2 * LANES);
        FloatVector a3 = first ? FloatVector.zero(SPECIES) : FloatVector.fromArray(SPECIES, out, aOut + 3 * LANES);
        FloatVector b0 = first ? FloatVector.zero(SPECIES) : FloatVector.fromArray(SPECIES, out, bOut);
        FloatVector b1 = first ? FloatVector.zero(SPECIES) : FloatVector.fromArray(SPECIES, out, bOut + LANES);
        FloatVector b2 = first ? FloatVector.zero(SPECIES) : FloatVector.fromArray(SPECIES, out, bOut + 2 * LANES);
        FloatVector b3 = first ? FloatVector.zero(SPECIES) : FloatVector.fromArray(SPECIES, out, bOut + 3 * LANES);
        FloatVector c0 = first ? FloatVector.zero(SPECIES) : FloatVector.fromArray(SPECIES, out, cOut);
        FloatVector c1 = first ? FloatVector.zero(SPECIES) : FloatVector.fromArray(SPECIES, out, cOut + LANES);
        FloatVector c2 = first ? FloatVector.zero(SPECIES) : FloatVector.fromArray(SPECIES, out, cOut + 2 * LANES);
        FloatVector c3 = first ? FloatVector.zero(SPECIES) : FloatVector.fromArray(SPECIES, out, cOut + 3 * LANES);
        FloatVector d0 = first ? FloatVector.zero(SPECIES) : FloatVector.fromArray(SPECIES, out, dOut);
        FloatVector d1 = first ? FloatVector.zero(SPECIES) : FloatVector.fromArray(SPECIES, out, dOut + LANES);
        FloatVector d2 = first ? FloatVector.zero(SPECIES) : FloatVector.fromArray(SPECIES, out, dOut + 2 * LANES);
        FloatVector d3 = first ? FloatVector.zero(SPECIES) : FloatVector.fromArray(SPECIES, out, dOut + 3 * LANES);
        for (int i = from; i < to; i++) {
            int p = panel0 + i * WIDTH;
            FloatVector w0 = FloatVector.fromArray(SPECIES, panel, p);
            FloatVector w1 = FloatVector.fromArray(SPECIES, panel, p + LANES);
            FloatVector w2 = FloatVector.fromArray(SPECIES, panel, p + 2 * LANES);
            FloatVector w3 = FloatVector.fromArray(SPECIES, panel, p + 3 * LANES);
            FloatVector a = FloatVector.broadcast(SPECIES, x[aX + i]);
            a0 = a.fma(w0, a0);
            a1 = a.fma(w1, a1);
            a2 = a.fma(w2, a2);
            a3 = a.fma(w3, a3);
            FloatVector b = FloatVector.broadcast(SPECIES, x[bX + i]);
            b0 = b.fma(w0, b0);
            b1 = b.fma(w1, b1);
            b2 = b.fma(w2, b2);
            b3 = b.fma(w3, b3);
            FloatVector c = FloatVector.broadcast(SPECIES, x[cX + i]);
            c0 = c.fma(w0, c0);
            c1 = c.fma(w1, c1);
            c2 = c.fma(w2, c2);
            c3 = c.fma(w3, c3);
            FloatVector d = FloatVector.broadcast(SPECIES, x[dX + i]);
            d0 = d.fma(w0, d0);
            d1 = d.fma(w1, d1);
            d2 = d.fma(w2, d2);
            d3 = d.fma(w3, d3);
        }
        a0.intoArray(out, aOut);
        a1.intoArray(out, aOut + LANES);
        a2.intoArray(out, aOut + 2 * LANES);
        a3.intoArray(out, aOut + 3 * LANES);
        b0.intoArray(out, bOut);
        b1.intoArray(out, bOut + LANES);
        b2.intoArray(out, bOut + 2 * LANES);
        b3.intoArray(out, bOut + 3 * LANES);
        c0.intoArray(out, cOut);
        c1.intoArray(out, cOut + LANES);
        c2.intoArray(out, cOut + 2 * LANES);
        c3.intoArray(out, cOut + 3 * LANES);
        d0.intoArray(out, dOut);
        d1.intoArray(out, dOut + LANES);
        d2.intoArray(out, dOut + 2 * LANES);
        d3.intoArray(out, dOut + 3 * LANES);
    }

    private static void rows6(
            float[] x,
            int x0,
            int xStride,
            int last,
            float[] panel,
            int panel0,
            int from,
            int to,
            float[] out,
            int out0,
            int outStride) {
        int aX = x0;
        int bX = x0 + Math.min(1, last) * xStride;
        int cX = x0 + Math.min(2, last) * xStride;
        int dX = x0 + Math.min(3, last) * xStride;
        int eX = x0 + Math.min(4, last) * xStride;
        int fX = x0 + Math.min(5, last) * xStride;
        int aOut = out0;
        int bOut = out0 + outStride;
        int cOut = out0 + 2 * outStride;
        int dOut = out0 + 3 * outStride;
        int eOut = out0 + 4 * outStride;
        int fOut = out0 + 5 * outStride;
        boolean first = from == 0;
        FloatVector a0 = first ? FloatVector.zero(SPECIES) : FloatVector.fromArray(SPECIES, out, aOut);
        FloatVector a1 = first ? FloatVector.zero(SPECIES) : FloatVector.fromArray(SPECIES, out, aOut + LANES);
        FloatVector a2 = first ? FloatVector.zero(SPECIES) : FloatVector.fromArray(SPECIES, out, aOut + 2 * LANES);
        FloatVector a3 = first ? FloatVector.zero(SPECIES) : FloatVector.fromArray(SPECIES, out, aOut + 3 * LANES);
        FloatVector b0 = first ? FloatVector.zero(SPECIES) : FloatVector.fromArray(SPECIES, out, bOut);
        FloatVector b1 = first ? FloatVector.zero(SPECIES) : FloatVector.fromArray(SPECIES, out, bOut + LANES);
        FloatVector b2 = first ? FloatVector.zero(SPECIES) : FloatVector.fromArray(SPECIES, out, bOut + 2 * LANES);
        FloatVector b3 = first ? FloatVector.zero(SPECIES) : FloatVector.fromArray(SPECIES, out, bOut + 3 * LANES);
        FloatVector c0 = first ? FloatVector.zero(SPECIES) : FloatVector.fromArray(SPECIES, out, cOut);
        FloatVector c1 = first ? FloatVector.zero(SPECIES) : FloatVector.fromArray(SPECIES, out, cOut + LANES);
        FloatVector c2 = first ? FloatVector.zero(SPECIES) : FloatVector.fromArray(SPECIES, out, cOut + 2 * LANES);
        FloatVector c3 = first ? FloatVector.zero(SPECIES) : FloatVector.fromArray(SPECIES, out, cOut + 3 * LANES);
        FloatVector d0 = first ? FloatVector.zero(SPECIES) : FloatVector.fromArray(SPECIES, out, dOut);
        FloatVector d1 = first ? FloatVector.zero(SPECIES) : FloatVector.fromArray(SPECIES, out, dOut + LANES);
        FloatVector d2 = first ? FloatVector.zero(SPECIES) : FloatVector.fromArray(SPECIES, out, dOut + 2 * LANES);
        FloatVector d3 = first ? FloatVector.zero(SPECIES) : FloatVector.fromArray(SPECIES, out, dOut + 3 * LANES);
        FloatVector e0 = first ? FloatVector.zero(SPECIES) : FloatVector.fromArray(SPECIES, out, eOut);
        FloatVector e1 = first ? FloatVector.zero(SPECIES) : FloatVector.fromArray(SPECIES, out, eOut + LANES);
        FloatVector e2 = first ? FloatVector.zero(SPECIES) : FloatVector.fromArray(SPECIES, out, eOut + 2 * LANES);
        FloatVector e3 = first ? FloatVector.zero(SPECIES) : FloatVector.fromArray(SPECIES, out, eOut + 3 * LANES);
        FloatVector f0 = first ? FloatVector.zero(SPECIES) : FloatVector.fromArray(SPECIES, out, fOut);
        FloatVector f1 = first ? FloatVector.zero(SPECIES) : FloatVector.fromArray(SPECIES, out, fOut + LANES);
        FloatVector f2 = first ? FloatVector.zero(SPECIES) : FloatVector.fromArray(SPECIES, out, fOut + 2 * LANES);
        FloatVector f3 = first ? FloatVector.zero(SPECIES) : FloatVector.fromArray(SPECIES, out, fOut + 3 * LANES);
        for (int i = from; i < to; i++) {
            int p = panel0 + i * WIDTH;
            FloatVector w0 = FloatVector.fromArray(SPECIES, panel, p);
            FloatVector w1 = FloatVector.fromArray(SPECIES, panel, p + LANES);
            FloatVector w2 = FloatVector.fromArray(SPECIES, panel, p + 2 * LANES);
            FloatVector w3 = FloatVector.fromArray(SPECIES, panel, p + 3 * LANES);
            FloatVector a = FloatVector.broadcast(SPECIES, x[aX + i]);
            a0 = a.fma(w0, a0);
            a1 = a.fma(w1, a1);
            a2 = a.fma(w2, a2);
            a3 = a.fma(w3, a3);
            FloatVector b = FloatVector.broadcast(SPECIES, x[bX + i]);
            b0 = b.fma(w0, b0);
            b1 = b.fma(w1, b1);
            b2 = b.fma(w2, b2);
            b3 = b.fma(w3, b3);
            FloatVector c = FloatVector.broadcast(SPECIES, x[cX + i]);
            c0 = c.fma(w0, c0);
            c1 = c.fma(w1, c1);
            c2 = c.fma(w2, c2);
            c3 = c.fma(w3, c3);
            FloatVector d = FloatVector.broadcast(SPECIES, x[dX + i]);
            d0 = d.fma(w0, d0);
            d1 = d.fma(w1, d1);
            d2 = d.fma(w2, d2);
            d3 = d.fma(w3, d3);
            FloatVector e = FloatVector.broadcast(SPECIES, x[eX + i]);
            e0 = e.fma(w0, e0);
            e1 = e.fma(w1, e1);
            e2 = e.fma(w2, e2);
            e3 = e.fma(w3, e3);
            FloatVector f = FloatVector.broadcast(SPECIES, x[fX + i]);
            f0 = f.fma(w0, f0);
            f1 = f.fma(w1, f1);
            f2 = f.fma(w2, f2);
            f3 = f.fma(w3, f3);
        }
        a0.intoArray(out, aOut);
        a1.intoArray(out, aOut + LANES);
        a2.intoArray(out, aOut + 2 * LANES);
        a3.intoArray(out, aOut + 3 * LANES);
        b0.intoArray(out, bOut);
        b1.intoArray(out, bOut + LANES);
        b2.intoArray(out, bOut + 2 * LANES);
        b3.intoArray(out, bOut + 3 * LANES);
        c0.intoArray(out, cOut);
        c1.intoArray(out, cOut + LANES);
        c2.intoArray(out, cOut + 2 * LANES);
        c3.intoArray(out, cOut + 3 * LANES);
        d0.intoArray(out, dOut);
        d1.intoArray(out, dOut + LANES);
        d2.intoArray(out, dOut + 2 * LANES);
        d3.intoArray(out, dOut + 3 * LANES);
        e0.intoArray(out, eOut);
        e1.intoArray(out, eOut + LANES);
        e2.intoArray(out, eOut + 2 * LANES);
        e3.intoArray(out, eOut + 3 * LANES);
        f0.intoArray(out, fOut);
        f1.intoArray(out, fOut + LANES);
        f2.intoArray(out, fOut + 2 * LANES);
        f3.intoArray(out, fOut + 3 * LANES);
    }
}
