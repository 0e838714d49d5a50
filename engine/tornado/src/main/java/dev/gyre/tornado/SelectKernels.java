package dev.gyre.tornado;

import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.math.TornadoMath;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * The best tokens of a row of logits: a work-group of {@link #LANES} lanes per row.
 *
 * <p>Maximum and sum meet in local memory; lane 0 does the edits, as their order counts. Then the vocabulary is cut into
 * {@link #CHUNKS} neighbouring pieces and the best of each is kept in local memory, so that a token costs one look at the
 * pieces' best and one pass over the piece it came from, not one over the vocabulary.
 */
final class SelectKernels {

    static final int LANES = 32;
    static final int CHUNKS = 512;

    /** Where {@code spec} holds what. ROWS and TOP are places in the run block, the others places in the arrays. */
    static final int ROWS = 0;

    static final int TOP = 1;
    static final int IDS_AT = 2;
    static final int VALUES_AT = 3;
    static final int LOG_SUM_AT = 4;
    static final int LOGITS_AT = 5;
    static final int NORMALISE_AT = 6;
    static final int EDIT_OFFSETS_AT = 7;
    static final int EDIT_TOKENS_AT = 8;
    static final int EDIT_KINDS_AT = 9;
    static final int EDIT_AMOUNTS_AT = 10;
    static final int SPEC = 11;

    private static final int PENALTY = 1;
    private static final int ADD = 2;

    /** Everything below is taken for negative infinity: kernels cannot write that number, they read it. */
    private static final float LOWEST = -3.4e38f;

    private SelectKernels() {}

    /** @param infinity element 0 is negative infinity */
    static void selectTop(
            KernelContext context,
            IntArray run,
            IntArray spec,
            int n,
            FloatArray infinity,
            FloatArray amounts,
            IntArray ids,
            FloatArray values,
            FloatArray logSum,
            FloatArray logits) {
        float[] parts = context.allocateFloatLocalArray(LANES);
        int[] owners = context.allocateIntLocalArray(LANES);
        float[] best = context.allocateFloatLocalArray(CHUNKS);
        int[] token = context.allocateIntLocalArray(CHUNKS);
        int lane = context.localIdx;
        int r = context.groupIdx;
        if (r < run.get(spec.get(ROWS))) {
            float lowest = infinity.get(0);
            int row = spec.get(LOGITS_AT) + r * n;

            float high = lowest;
            for (int t = lane; t < n; t += LANES) {
                high = TornadoMath.max(high, logits.get(row + t));
            }
            parts[lane] = high;
            context.localBarrier();
            float highest = lowest;
            for (int i = 0; i < LANES; i++) {
                highest = TornadoMath.max(highest, parts[i]);
            }
            context.localBarrier();
            float part = 0f;
            if (highest > LOWEST) {
                for (int t = lane; t < n; t += LANES) {
                    part += TornadoMath.exp(logits.get(row + t) - highest);
                }
            }
            parts[lane] = part;
            context.localBarrier();
            float all = 0f;
            for (int i = 0; i < LANES; i++) {
                all += parts[i];
            }
            float sum = lowest;
            if (highest > LOWEST) {
                sum = highest + TornadoMath.log(all);
            }
            float less = 0f;
            if (run.get(spec.get(NORMALISE_AT) + r) != 0) {
                less = sum;
            }
            context.localBarrier();
            if (lane == 0) {
                logSum.set(spec.get(LOG_SUM_AT) + r, sum);
                int end = run.get(spec.get(EDIT_OFFSETS_AT) + r + 1);
                for (int e = run.get(spec.get(EDIT_OFFSETS_AT) + r); e < end; e++) {
                    int t = row + run.get(spec.get(EDIT_TOKENS_AT) + e);
                    int kind = run.get(spec.get(EDIT_KINDS_AT) + e);
                    float amount = amounts.get(spec.get(EDIT_AMOUNTS_AT) + e);
                    float v = logits.get(t);
                    if (v > LOWEST) {
                        v -= less;
                    }
                    if (kind == PENALTY) {
                        v = v < 0f ? v * amount : v / amount;
                    } else if (kind == ADD) {
                        v += amount;
                    } else {
                        v = lowest;
                    }
                    if (v > LOWEST) {
                        v += less;
                    }
                    logits.set(t, v);
                }
            }
            context.globalBarrier();

            int piece = (n + CHUNKS - 1) / CHUNKS;
            for (int c = lane; c < CHUNKS; c += LANES) {
                int end = Math.min(n, (c + 1) * piece);
                float v = lowest;
                int id = -1;
                for (int t = c * piece; t < end; t++) {
                    float x = logits.get(row + t);
                    // Also false for what is not a number: it is never better than a number.
                    if (x > v || id < 0) {
                        v = x >= lowest ? x : lowest;
                        id = t;
                    }
                }
                best[c] = v;
                token[c] = id;
            }
            context.localBarrier();
            int top = run.get(spec.get(TOP));
            for (int i = 0; i < top; i++) {
                float v = lowest;
                int chunk = -1;
                for (int c = lane; c < CHUNKS; c += LANES) {
                    // Ids ascend with c: only a larger value goes before.
                    if (token[c] >= 0) {
                        if (chunk < 0 || best[c] > v) {
                            v = best[c];
                            chunk = c;
                        }
                    }
                }
                parts[lane] = v;
                owners[lane] = chunk;
                context.localBarrier();
                float highestLeft = lowest;
                int from = -1;
                for (int l = 0; l < LANES; l++) {
                    int c = owners[l];
                    if (c >= 0) {
                        if (from < 0 || parts[l] > highestLeft || (parts[l] == highestLeft && c < from)) {
                            highestLeft = parts[l];
                            from = c;
                        }
                    }
                }
                context.localBarrier();
                int chosen = -1;
                if (from >= 0) {
                    chosen = token[from];
                }
                if (lane == 0) {
                    ids.set(spec.get(IDS_AT) + r * top + i, chosen);
                    float written = lowest;
                    if (highestLeft > LOWEST) {
                        written = highestLeft - less;
                    }
                    values.set(spec.get(VALUES_AT) + r * top + i, written);
                }
                context.localBarrier();
                if (from >= 0 && lane == from % LANES) {
                    // The best of the piece that comes after the one just taken. TornadoVM turns a boolean of several
                    // comparisons with && and || into another one: every comparison has its own if.
                    int end = Math.min(n, (from + 1) * piece);
                    float next = lowest;
                    int id = -1;
                    for (int t = from * piece; t < end; t++) {
                        float x = logits.get(row + t);
                        float y = x >= lowest ? x : lowest;
                        int after = 0;
                        if (y < highestLeft) {
                            after = 1;
                        }
                        if (y == highestLeft) {
                            if (t > chosen) {
                                after = 1;
                            }
                        }
                        if (after != 0) {
                            if (id < 0 || y > next) {
                                next = y;
                                id = t;
                            }
                        }
                    }
                    best[from] = next;
                    token[from] = id;
                }
                context.localBarrier();
            }
        }
    }
}
