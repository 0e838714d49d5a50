package dev.gyre.cpu;

import static dev.gyre.cpu.VectorMath.LANES;
import static dev.gyre.cpu.VectorMath.SPECIES;

import dev.gyre.graph.Activation;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import org.jspecify.annotations.Nullable;

/**
 * What is done to one row: vectors, then a masked one for the rest. A column's place in the row decides how it is
 * computed, so equal rows give equal bits.
 */
final class VectorRows {

    private VectorRows() {}

    private static VectorMask<Float> rest(int done, int count) {
        return SPECIES.indexInRange(done, count);
    }

    static void finish(
            float[] tile,
            int tile0,
            float @Nullable [] bias,
            int bias0,
            Activation activation,
            float @Nullable [] residual,
            int residual0,
            float[] out,
            int out0,
            int count) {
        if (bias != null) {
            add(tile, tile0, bias, bias0, tile, tile0, count);
        }
        if (activation != Activation.NONE) {
            activate(tile, tile0, tile, tile0, count, activation);
        }
        if (residual != null) {
            add(tile, tile0, residual, residual0, out, out0, count);
        } else {
            System.arraycopy(tile, tile0, out, out0, count);
        }
    }

    static void add(float[] a, int a0, float[] b, int b0, float[] out, int out0, int count) {
        int i = 0;
        for (; i <= count - LANES; i += LANES) {
            FloatVector.fromArray(SPECIES, a, a0 + i)
                    .add(FloatVector.fromArray(SPECIES, b, b0 + i))
                    .intoArray(out, out0 + i);
        }
        if (i < count) {
            VectorMask<Float> rest = rest(i, count);
            FloatVector.fromArray(SPECIES, a, a0 + i, rest)
                    .add(FloatVector.fromArray(SPECIES, b, b0 + i, rest))
                    .intoArray(out, out0 + i, rest);
        }
    }

    /** One loop for each function: a switch within the loop would box the vectors. */
    static void activate(float[] x, int x0, float[] out, int out0, int count, Activation activation) {
        switch (activation) {
            case NONE -> System.arraycopy(x, x0, out, out0, count);
            case RELU -> relu(x, x0, out, out0, count);
            case GELU -> gelu(x, x0, out, out0, count);
            case GELU_TANH -> geluTanh(x, x0, out, out0, count);
            case SWISH -> swish(x, x0, out, out0, count);
            case TANH -> tanh(x, x0, out, out0, count);
        }
    }

    private static void relu(float[] x, int x0, float[] out, int out0, int count) {
        int i = 0;
        for (; i <= count - LANES; i += LANES) {
            FloatVector.fromArray(SPECIES, x, x0 + i).max(0).intoArray(out, out0 + i);
        }
        if (i < count) {
            VectorMask<Float> rest = rest(i, count);
            FloatVector.fromArray(SPECIES, x, x0 + i, rest).max(0).intoArray(out, out0 + i, rest);
        }
    }

    private static void gelu(float[] x, int x0, float[] out, int out0, int count) {
        int i = 0;
        for (; i <= count - LANES; i += LANES) {
            VectorMath.gelu(FloatVector.fromArray(SPECIES, x, x0 + i)).intoArray(out, out0 + i);
        }
        if (i < count) {
            VectorMask<Float> rest = rest(i, count);
            VectorMath.gelu(FloatVector.fromArray(SPECIES, x, x0 + i, rest)).intoArray(out, out0 + i, rest);
        }
    }

    private static void geluTanh(float[] x, int x0, float[] out, int out0, int count) {
        int i = 0;
        for (; i <= count - LANES; i += LANES) {
            VectorMath.geluTanh(FloatVector.fromArray(SPECIES, x, x0 + i)).intoArray(out, out0 + i);
        }
        if (i < count) {
            VectorMask<Float> rest = rest(i, count);
            VectorMath.geluTanh(FloatVector.fromArray(SPECIES, x, x0 + i, rest)).intoArray(out, out0 + i, rest);
        }
    }

    private static void swish(float[] x, int x0, float[] out, int out0, int count) {
        int i = 0;
        for (; i <= count - LANES; i += LANES) {
            VectorMath.swish(FloatVector.fromArray(SPECIES, x, x0 + i)).intoArray(out, out0 + i);
        }
        if (i < count) {
            VectorMask<Float> rest = rest(i, count);
            VectorMath.swish(FloatVector.fromArray(SPECIES, x, x0 + i, rest)).intoArray(out, out0 + i, rest);
        }
    }

    private static void tanh(float[] x, int x0, float[] out, int out0, int count) {
        int i = 0;
        for (; i <= count - LANES; i += LANES) {
            VectorMath.tanh(FloatVector.fromArray(SPECIES, x, x0 + i)).intoArray(out, out0 + i);
        }
        if (i < count) {
            VectorMask<Float> rest = rest(i, count);
            VectorMath.tanh(FloatVector.fromArray(SPECIES, x, x0 + i, rest)).intoArray(out, out0 + i, rest);
        }
    }

    static void multiply(float[] a, int a0, float[] b, int b0, float[] out, int out0, int count) {
        int i = 0;
        for (; i <= count - LANES; i += LANES) {
            FloatVector.fromArray(SPECIES, a, a0 + i)
                    .mul(FloatVector.fromArray(SPECIES, b, b0 + i))
                    .intoArray(out, out0 + i);
        }
        if (i < count) {
            VectorMask<Float> rest = rest(i, count);
            FloatVector.fromArray(SPECIES, a, a0 + i, rest)
                    .mul(FloatVector.fromArray(SPECIES, b, b0 + i, rest))
                    .intoArray(out, out0 + i, rest);
        }
    }

    static void rope(float[] x, int x0, float[] table, int table0, int half, float[] out, int out0) {
        for (int i = 0; i < half; i += LANES) {
            VectorMask<Float> rest = rest(i, half);
            FloatVector c = FloatVector.fromArray(SPECIES, table, table0 + i, rest);
            FloatVector s = FloatVector.fromArray(SPECIES, table, table0 + half + i, rest);
            FloatVector low = FloatVector.fromArray(SPECIES, x, x0 + i, rest);
            FloatVector high = FloatVector.fromArray(SPECIES, x, x0 + half + i, rest);
            low.mul(c).sub(high.mul(s)).intoArray(out, out0 + i, rest);
            high.mul(c).add(low.mul(s)).intoArray(out, out0 + half + i, rest);
        }
    }

    static void norm(
            float[] row,
            int row0,
            float[] gamma,
            float @Nullable [] beta,
            boolean centred,
            float epsilon,
            float[] out,
            int out0,
            int count) {
        float mean = centred ? sum(row, row0, count) / count : 0;
        float variance = squares(row, row0, count, mean) / count;
        float scale = (float) (1 / Math.sqrt(variance + (double) epsilon));
        int i = 0;
        for (; i <= count - LANES; i += LANES) {
            FloatVector v = FloatVector.fromArray(SPECIES, row, row0 + i)
                    .sub(mean)
                    .mul(scale)
                    .mul(FloatVector.fromArray(SPECIES, gamma, i));
            if (beta != null) {
                v = v.add(FloatVector.fromArray(SPECIES, beta, i));
            }
            v.intoArray(out, out0 + i);
        }
        if (i < count) {
            VectorMask<Float> rest = rest(i, count);
            FloatVector v = FloatVector.fromArray(SPECIES, row, row0 + i, rest)
                    .sub(mean)
                    .mul(scale)
                    .mul(FloatVector.fromArray(SPECIES, gamma, i, rest));
            if (beta != null) {
                v = v.add(FloatVector.fromArray(SPECIES, beta, i, rest));
            }
            v.intoArray(out, out0 + i, rest);
        }
    }

    private static float sum(float[] x, int x0, int count) {
        FloatVector sum = FloatVector.zero(SPECIES);
        int i = 0;
        for (; i <= count - LANES; i += LANES) {
            sum = sum.add(FloatVector.fromArray(SPECIES, x, x0 + i));
        }
        if (i < count) {
            sum = sum.add(FloatVector.fromArray(SPECIES, x, x0 + i, rest(i, count)));
        }
        return VectorMath.sum(sum);
    }

    private static float squares(float[] x, int x0, int count, float mean) {
        FloatVector sum = FloatVector.zero(SPECIES);
        int i = 0;
        for (; i <= count - LANES; i += LANES) {
            FloatVector d = FloatVector.fromArray(SPECIES, x, x0 + i).sub(mean);
            sum = d.fma(d, sum);
        }
        if (i < count) {
            VectorMask<Float> rest = rest(i, count);
            FloatVector d = FloatVector.fromArray(SPECIES, x, x0 + i, rest).sub(mean);
            sum = sum.add(d.mul(d), rest);
        }
        return VectorMath.sum(sum);
    }

    static void softmax(float[] x, int x0, int count, float scale) {
        FloatVector top = FloatVector.broadcast(SPECIES, Float.NEGATIVE_INFINITY);
        int i = 0;
        for (; i <= count - LANES; i += LANES) {
            FloatVector v = FloatVector.fromArray(SPECIES, x, x0 + i).mul(scale);
            v.intoArray(x, x0 + i);
            top = top.max(v);
        }
        float max = top.reduceLanes(VectorOperators.MAX);
        for (; i < count; i++) {
            x[x0 + i] *= scale;
            max = Math.max(max, x[x0 + i]);
        }
        FloatVector sums = FloatVector.zero(SPECIES);
        for (i = 0; i <= count - LANES; i += LANES) {
            FloatVector e =
                    VectorMath.exp(FloatVector.fromArray(SPECIES, x, x0 + i).sub(max));
            e.intoArray(x, x0 + i);
            sums = sums.add(e);
        }
        if (i < count) {
            VectorMask<Float> rest = rest(i, count);
            FloatVector e = VectorMath.exp(
                    FloatVector.fromArray(SPECIES, x, x0 + i, rest).sub(max));
            e.intoArray(x, x0 + i, rest);
            sums = sums.add(e, rest);
        }
        float factor = 1 / VectorMath.sum(sums);
        for (i = 0; i <= count - LANES; i += LANES) {
            FloatVector.fromArray(SPECIES, x, x0 + i).mul(factor).intoArray(x, x0 + i);
        }
        for (; i < count; i++) {
            x[x0 + i] *= factor;
        }
    }

    static float max(float[] x, int x0, int count) {
        FloatVector top = FloatVector.broadcast(SPECIES, x[x0]);
        FloatVector top2 = top;
        int i = 0;
        for (; i <= count - 2 * LANES; i += 2 * LANES) {
            top = top.max(FloatVector.fromArray(SPECIES, x, x0 + i));
            top2 = top2.max(FloatVector.fromArray(SPECIES, x, x0 + i + LANES));
        }
        float max = top.max(top2).reduceLanes(VectorOperators.MAX);
        for (; i < count; i++) {
            max = Math.max(max, x[x0 + i]);
        }
        return max;
    }

    static float sumExp(float[] x, int x0, int count, float max) {
        FloatVector sums = FloatVector.zero(SPECIES);
        int i = 0;
        for (; i <= count - LANES; i += LANES) {
            sums = sums.add(
                    VectorMath.exp(FloatVector.fromArray(SPECIES, x, x0 + i).sub(max)));
        }
        if (i < count) {
            VectorMask<Float> rest = rest(i, count);
            sums = sums.add(
                    VectorMath.exp(
                            FloatVector.fromArray(SPECIES, x, x0 + i, rest).sub(max)),
                    rest);
        }
        return VectorMath.sum(sums);
    }

    static int firstAbove(float[] x, int from, int end, float threshold) {
        int i = from;
        for (; i <= end - 4 * LANES; i += 4 * LANES) {
            FloatVector a = FloatVector.fromArray(SPECIES, x, i);
            FloatVector b = FloatVector.fromArray(SPECIES, x, i + LANES);
            FloatVector c = FloatVector.fromArray(SPECIES, x, i + 2 * LANES);
            FloatVector d = FloatVector.fromArray(SPECIES, x, i + 3 * LANES);
            if (!a.max(b).max(c.max(d)).compare(VectorOperators.LE, threshold).allTrue()) {
                break;
            }
        }
        while (i < end && !(x[i] > threshold)) {
            i++;
        }
        return i;
    }
}
