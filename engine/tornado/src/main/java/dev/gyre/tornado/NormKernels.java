package dev.gyre.tornado;

import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.math.TornadoMath;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * {@code sum = x + residual; out = norm(sum)·gamma + beta}: a work-group of {@link #LANES} lanes per row, lane l takes
 * columns l, l + LANES, ...; the sums of the lanes meet in local memory, where every lane adds them in the same order.
 * Mean first, then the squares around it: no cancellation.
 */
final class NormKernels {

    static final int LANES = 32;

    /** {@code extras}: there is a residual. */
    static final int RESIDUAL = 1;

    /** {@code extras}: there is a beta. */
    static final int BETA = 2;

    /** {@code extras}: the sum is wanted. */
    static final int SUM = 4;

    /** {@code extras}: RMS, which leaves the mean out. */
    static final int RMS = 8;

    /** {@code extras}: the sum is in the array of the result; TornadoVM takes no array for two that are written. */
    static final int TOGETHER = 16;

    private NormKernels() {}

    static void norm(
            KernelContext context,
            IntArray run,
            int rows,
            int d,
            FloatArray x,
            int xAt,
            FloatArray residual,
            int residualAt,
            FloatArray gamma,
            FloatArray beta,
            int extras,
            float epsilon,
            FloatArray sum,
            int sumAt,
            FloatArray out,
            int outAt) {
        float[] parts = context.allocateFloatLocalArray(LANES);
        int lane = context.localIdx;
        int r = context.groupIdx;
        if (r < run.get(rows)) {
            int row = r * d;
            float part = 0f;
            for (int c = lane; c < d; c += LANES) {
                float v = x.get(xAt + row + c);
                if ((extras & RESIDUAL) != 0) {
                    v += residual.get(residualAt + row + c);
                }
                if ((extras & SUM) != 0) {
                    if ((extras & TOGETHER) != 0) {
                        out.set(sumAt + row + c, v);
                    } else {
                        sum.set(sumAt + row + c, v);
                    }
                }
                part += v;
            }
            float mean = 0f;
            if ((extras & RMS) == 0) {
                parts[lane] = part;
                context.localBarrier();
                float all = 0f;
                for (int i = 0; i < LANES; i++) {
                    all += parts[i];
                }
                mean = all / d;
                context.localBarrier();
            }
            float squares = 0f;
            for (int c = lane; c < d; c += LANES) {
                float v = x.get(xAt + row + c);
                if ((extras & RESIDUAL) != 0) {
                    v += residual.get(residualAt + row + c);
                }
                v -= mean;
                squares += v * v;
            }
            parts[lane] = squares;
            context.localBarrier();
            float all = 0f;
            for (int i = 0; i < LANES; i++) {
                all += parts[i];
            }
            float scale = 1f / TornadoMath.sqrt(all / d + epsilon);
            for (int c = lane; c < d; c += LANES) {
                float v = x.get(xAt + row + c);
                if ((extras & RESIDUAL) != 0) {
                    v += residual.get(residualAt + row + c);
                }
                v = (v - mean) * scale * gamma.get(c);
                if ((extras & BETA) != 0) {
                    v += beta.get(c);
                }
                out.set(outAt + row + c, v);
            }
        }
    }
}
