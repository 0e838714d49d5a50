package dev.gyre.tornado;

import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.math.TornadoMath;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * {@code softmax(scale·q·Kᵀ + bias)·V}: a work-group of {@link #LANES} lanes per query row and head.
 *
 * <p>Keys pass in groups of LANES. Lane j scores key j; the scores meet in local memory, where every lane finds the same
 * maximum; then the lanes turn to the columns of V (lane l: columns l, l + LANES, ...) and add the rows of the group. The
 * running maximum and sum are corrected group by group (online softmax). Scores are written only where the weights are
 * asked for.
 *
 * <p>Arrays in local memory are only touched here and not in methods called from here: TornadoVM then takes an index for
 * an address, and says nothing.
 */
final class AttentionKernels {

    static final int LANES = 32;

    /** Columns of a head that a lane can hold. */
    static final int PARTS = 8;

    static final int LARGEST_HEAD = LANES * PARTS;

    /** How the keys of a row are found; the numbers are those of the OpenCL C sources. */
    static final int PACKED = 0;

    static final int CAUSAL = 1;
    static final int RANGE = 2;
    static final int ANCESTRY = 3;

    /** Where {@code spec} holds what. Lengths are places in the run block. */
    static final int ROWS = 0;

    static final int HEADS = 1;
    static final int GROUPED = 2;
    static final int OUT_AT = 3;
    static final int QUERY_AT = 4;
    static final int QUERY_STRIDE = 5;
    static final int KEY_AT = 6;
    static final int KEY_STRIDE = 7;
    static final int VALUE_AT = 8;
    static final int VALUE_STRIDE = 9;
    static final int KIND = 10;
    static final int KEYS_A = 11;
    static final int KEYS_B = 12;
    static final int KEYS_C = 13;
    static final int SEQUENCES = 14;
    static final int POSITIONS = 15;
    static final int BIAS_ROWS = 16;
    static final int CENTER = 17;
    static final int WEIGHTS_AT = 18;
    static final int WIDTH = 19;
    static final int SPEC = 20;

    /** {@code extras}: there is a position bias. */
    static final int BIAS = 1;

    /** {@code extras}: the weights are wanted. */
    static final int WEIGHTS = 2;

    private AttentionKernels() {}

    /**
     * @param keysA offsets (packed), first (range) or ancestry
     * @param keysB end (range) or line (ancestry)
     * @param keysC length (ancestry)
     */
    static void attention(
            KernelContext context,
            IntArray run,
            IntArray spec,
            int size,
            float scale,
            int extras,
            FloatArray query,
            FloatArray key,
            FloatArray value,
            IntArray keysA,
            IntArray keysB,
            IntArray keysC,
            FloatArray bias,
            FloatArray weights,
            FloatArray out) {
        float[] shares = context.allocateFloatLocalArray(LANES);
        int[] at = context.allocateIntLocalArray(LANES);
        int lane = context.localIdx;
        int r = context.groupIdx;
        int h = context.globalIdy;
        if (r < run.get(spec.get(ROWS))) {
            int kind = spec.get(KIND);
            int first = 0;
            int count = 0;
            int line = 0;
            int position = 0;
            int positions = 0;
            if (kind == RANGE) {
                first = keysA.get(spec.get(KEYS_A) + r);
                count = keysB.get(spec.get(KEYS_B) + r) - first;
                position = count - 1;
            } else if (kind == ANCESTRY) {
                positions = spec.get(POSITIONS);
                line = spec.get(KEYS_A) + keysB.get(spec.get(KEYS_B) + r) * positions;
                count = keysC.get(spec.get(KEYS_C) + r);
                position = count - 1;
            } else {
                int low = 0;
                int high = run.get(spec.get(SEQUENCES)) - 1;
                while (high - low > 1) {
                    int middle = (low + high) / 2;
                    if (keysA.get(spec.get(KEYS_A) + middle) <= r) {
                        low = middle;
                    } else {
                        high = middle;
                    }
                }
                first = keysA.get(spec.get(KEYS_A) + low);
                position = r - first;
                count = kind == CAUSAL ? position + 1 : keysA.get(spec.get(KEYS_A) + low + 1) - first;
            }
            int heads = spec.get(HEADS);
            int q = spec.get(QUERY_AT) + r * spec.get(QUERY_STRIDE) + h * size;
            int keyHead = h / spec.get(GROUPED) * size;
            int keyAt = spec.get(KEY_AT) + keyHead;
            int keyStride = spec.get(KEY_STRIDE);
            int valueAt = spec.get(VALUE_AT) + keyHead;
            int valueStride = spec.get(VALUE_STRIDE);
            int width = 0;
            int written = 0;
            if ((extras & WEIGHTS) != 0) {
                width = run.get(spec.get(WIDTH));
                written = spec.get(WEIGHTS_AT) + (r * heads + h) * width;
            }
            // Columns behind the head repeat the last one and are not stored.
            int c0 = Math.min(lane, size - 1);
            int c1 = Math.min(lane + LANES, size - 1);
            int c2 = Math.min(lane + 2 * LANES, size - 1);
            int c3 = Math.min(lane + 3 * LANES, size - 1);
            int c4 = Math.min(lane + 4 * LANES, size - 1);
            int c5 = Math.min(lane + 5 * LANES, size - 1);
            int c6 = Math.min(lane + 6 * LANES, size - 1);
            int c7 = Math.min(lane + 7 * LANES, size - 1);
            float m0 = 0f;
            float m1 = 0f;
            float m2 = 0f;
            float m3 = 0f;
            float m4 = 0f;
            float m5 = 0f;
            float m6 = 0f;
            float m7 = 0f;
            float highest = LOWEST;
            float sum = 0f;
            for (int from = 0; from < count; from += LANES) {
                int many = Math.min(LANES, count - from);
                if (lane < many) {
                    int j = from + lane;
                    int row = first + j;
                    if (kind == ANCESTRY) {
                        row = keysA.get(line + j) * positions + j;
                    }
                    int k = keyAt + row * keyStride;
                    float dot = 0f;
                    for (int i = 0; i < size; i++) {
                        dot += query.get(q + i) * key.get(k + i);
                    }
                    float score = dot * scale;
                    if ((extras & BIAS) != 0) {
                        int distance = spec.get(CENTER) + j - position;
                        distance = Math.max(0, Math.min(distance, spec.get(BIAS_ROWS) - 1));
                        score += bias.get(distance * heads + h);
                    }
                    if ((extras & WEIGHTS) != 0) {
                        if (j < width) {
                            weights.set(written + j, score);
                        }
                    }
                    shares[lane] = score;
                    at[lane] = valueAt + row * valueStride;
                }
                context.localBarrier();
                float higher = highest;
                for (int j = 0; j < many; j++) {
                    higher = TornadoMath.max(higher, shares[j]);
                }
                context.localBarrier();
                if (lane < many) {
                    shares[lane] = TornadoMath.exp(shares[lane] - higher);
                }
                context.localBarrier();
                float less = TornadoMath.exp(highest - higher);
                highest = higher;
                sum *= less;
                for (int j = 0; j < many; j++) {
                    sum += shares[j];
                }
                m0 *= less;
                m1 *= less;
                m2 *= less;
                m3 *= less;
                m4 *= less;
                m5 *= less;
                m6 *= less;
                m7 *= less;
                for (int j = 0; j < many; j++) {
                    float share = shares[j];
                    int v = at[j];
                    m0 += share * value.get(v + c0);
                    if (size > LANES) {
                        m1 += share * value.get(v + c1);
                    }
                    if (size > 2 * LANES) {
                        m2 += share * value.get(v + c2);
                        m3 += share * value.get(v + c3);
                    }
                    if (size > 4 * LANES) {
                        m4 += share * value.get(v + c4);
                        m5 += share * value.get(v + c5);
                        m6 += share * value.get(v + c6);
                        m7 += share * value.get(v + c7);
                    }
                }
                context.localBarrier();
            }
            float part = 0f;
            if (count > 0) {
                part = 1f / sum;
            }
            int o = spec.get(OUT_AT) + (r * heads + h) * size;
            store(out, o, lane, size, m0 * part);
            if (size > LANES) {
                store(out, o, lane + LANES, size, m1 * part);
            }
            if (size > 2 * LANES) {
                store(out, o, lane + 2 * LANES, size, m2 * part);
                store(out, o, lane + 3 * LANES, size, m3 * part);
            }
            if (size > 4 * LANES) {
                store(out, o, lane + 4 * LANES, size, m4 * part);
                store(out, o, lane + 5 * LANES, size, m5 * part);
                store(out, o, lane + 6 * LANES, size, m6 * part);
                store(out, o, lane + 7 * LANES, size, m7 * part);
            }
            if ((extras & WEIGHTS) != 0) {
                // Lane l wrote the scores l, l + LANES, ...: the same lane finishes them.
                for (int j = lane; j < width; j += LANES) {
                    float weight = 0f;
                    if (j < count) {
                        weight = TornadoMath.exp(weights.get(written + j) - highest) * part;
                    }
                    weights.set(written + j, weight);
                }
            }
        }
    }

    /** Below every score; finite, so that the difference of two is no NaN. */
    private static final float LOWEST = -3.0e38f;

    private static void store(FloatArray out, int at, int column, int size, float mixed) {
        if (column < size) {
            out.set(at + column, mixed);
        }
    }
}
