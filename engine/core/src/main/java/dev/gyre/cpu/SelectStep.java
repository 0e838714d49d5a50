package dev.gyre.cpu;

import dev.gyre.graph.Edit;
import dev.gyre.graph.Operation;
import java.util.Arrays;

/**
 * {@link Operation.SelectTop}. Each row is cut into chunks that stay in the first-level cache. The first pass finds the
 * chunks' largest logits and sums of exponentials; the rows' edits follow; the second pass finds the best of each chunk
 * by comparing whole vectors with the worst that is still among them. Chunks are always cut and joined in the same way,
 * so a row does not depend on how many there are.
 */
final class SelectStep implements Step {

    private static final int CHUNK = 8192;

    private final Compilation unit;
    private final Floats logits;
    private final Floats values;
    private final Floats logSum;
    private final int[] ids;
    private final int[] normalise;
    private final int[] editOffsets;
    private final int[] editTokens;
    private final int[] editKinds;
    private final Floats editAmounts;
    private final RunSizes.Length length;
    private final RunSizes.Length scored;
    private final RunSizes.Length top;
    private final int vocabulary;
    private final int chunks;
    private final float[] chunkMax;
    private final float[] chunkSum;
    private final float[] best;
    private final int[] bestIds;
    private final int topLimit;
    private int k;

    SelectStep(Compilation unit, Operation.SelectTop op) {
        this.unit = unit;
        logits = unit.floats(op.logits());
        values = unit.floats(op.values());
        logSum = unit.floats(op.logSum());
        ids = unit.ints(op.ids());
        normalise = unit.ints(op.normalise());
        editOffsets = unit.ints(op.editOffsets());
        editTokens = unit.ints(op.editTokens());
        editKinds = unit.ints(op.editKinds());
        editAmounts = unit.floats(op.editAmounts());
        length = unit.length(op.logits().shape().rows());
        scored = unit.length(op.logSum().shape().rows());
        top = unit.length(op.ids().shape().axes().getLast());
        vocabulary = op.logits().shape().columns();
        chunks = Math.max(1, Math.ceilDiv(vocabulary, CHUNK));
        topLimit = op.ids().shape().columns();
        int parts = op.logits().shape().rows().limit() * chunks;
        chunkMax = new float[parts];
        chunkSum = new float[parts];
        best = new float[Math.multiplyExact(parts, topLimit)];
        bestIds = new int[parts * topLimit];
    }

    @Override
    public void run() {
        int rows = length.get();
        k = top.get();
        boolean sums = scored.get() > 0;
        if (sums) {
            unit.pool().run(rows * chunks, this::sum);
        }
        for (int r = 0; r < rows; r++) {
            double sum = sums ? logSum(r) : 0;
            if (sums) {
                logSum.array()[logSum.start() + r] = (float) sum;
            }
            edit(r, normalise[r] == 0 ? 0 : (float) sum);
        }
        unit.pool().run(rows * chunks, this::select);
        for (int r = 0; r < rows; r++) {
            merge(r, normalise[r] == 0 ? 0 : logSum.array()[logSum.start() + r]);
        }
    }

    private int begin(int part) {
        return logits.start() + part / chunks * vocabulary + part % chunks * CHUNK;
    }

    private int count(int part) {
        return Math.min(CHUNK, vocabulary - part % chunks * CHUNK);
    }

    private void sum(int part, int worker) {
        float max = unit.kernels().max(logits.array(), begin(part), count(part));
        chunkMax[part] = max;
        chunkSum[part] =
                Float.isInfinite(max) ? 0 : unit.kernels().sumExp(logits.array(), begin(part), count(part), max);
    }

    private double logSum(int row) {
        float max = Float.NEGATIVE_INFINITY;
        for (int c = 0; c < chunks; c++) {
            max = Math.max(max, chunkMax[row * chunks + c]);
        }
        if (Float.isInfinite(max)) {
            return max;
        }
        double sum = 0;
        for (int c = 0; c < chunks; c++) {
            sum += chunkSum[row * chunks + c] * Math.exp(chunkMax[row * chunks + c] - (double) max);
        }
        return max + Math.log(sum);
    }

    private void edit(int row, float less) {
        float[] array = logits.array();
        for (int e = editOffsets[row]; e < editOffsets[row + 1]; e++) {
            int at = logits.start() + row * vocabulary + editTokens[e];
            float amount = editAmounts.array()[editAmounts.start() + e];
            float value = value(array[at], less);
            float edited = switch (EDITS[editKinds[e]]) {
                case BAN -> Float.NEGATIVE_INFINITY;
                case PENALTY -> value < 0 ? value * amount : value / amount;
                case ADD -> value + amount;
            };
            array[at] = Float.isInfinite(edited) ? edited : edited + less;
        }
    }

    private static final Edit[] EDITS = Edit.values();

    /** A token that was infinitely unlikely stays so, whatever the sum. */
    private static float value(float logit, float less) {
        return Float.isInfinite(logit) ? logit : logit - less;
    }

    private void select(int part, int worker) {
        float[] x = logits.array();
        int begin = begin(part);
        int end = begin + count(part);
        int firstId = part % chunks * CHUNK;
        int list = part * topLimit;
        int found = 0;
        int i = begin;
        while (i < end && k > 0) {
            if (found == k) {
                i = unit.kernels().firstAbove(x, i, end, best[list + k - 1]);
                if (i == end) {
                    break;
                }
                found--;
            }
            insert(list, found++, x[i], firstId + i - begin);
            i++;
        }
        Arrays.fill(bestIds, list + found, list + k, -1);
        Arrays.fill(best, list + found, list + k, Float.NEGATIVE_INFINITY);
    }

    /** Behind those that are equal, which came first and so have smaller ids. */
    private void insert(int list, int found, float logit, int id) {
        float v = Float.isNaN(logit) ? Float.NEGATIVE_INFINITY : logit;
        int p = list + found;
        for (; p > list && best[p - 1] < v; p--) {
            best[p] = best[p - 1];
            bestIds[p] = bestIds[p - 1];
        }
        best[p] = v;
        bestIds[p] = id;
    }

    /** Joins the lists of a row's chunks into the first one's, in order, and writes it out. */
    private void merge(int row, float less) {
        int list = row * chunks * topLimit;
        for (int c = 1; c < chunks; c++) {
            int other = list + c * topLimit;
            for (int i = 0; i < k && bestIds[other + i] >= 0; i++) {
                int last = list + k - 1;
                if (bestIds[last] >= 0 && !(best[other + i] > best[last])) {
                    break;
                }
                int found = bestIds[last] >= 0 ? k - 1 : found(list);
                insert(list, found, best[other + i], bestIds[other + i]);
            }
        }
        for (int i = 0; i < k; i++) {
            int id = bestIds[list + i];
            // Not from the list: what is no number is among the smallest there, and is none here.
            float logit = id < 0 ? Float.NEGATIVE_INFINITY : logits.array()[logits.start() + row * vocabulary + id];
            ids[row * k + i] = id;
            values.array()[values.start() + row * k + i] = value(logit, less);
        }
    }

    private int found(int list) {
        int found = 0;
        while (bestIds[list + found] >= 0) {
            found++;
        }
        return found;
    }
}
