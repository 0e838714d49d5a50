package dev.gyre.cpu;

import dev.gyre.graph.Edit;
import dev.gyre.graph.Operation;

/** {@link Operation.SelectTop}, by looking through the whole row once for every token that is chosen. */
final class ReferenceSelection {

    private ReferenceSelection() {}

    static void run(ReferenceRun run, Operation.SelectTop op) {
        int vocabulary = op.logits().shape().columns();
        int top = run.length(op.ids().shape().axes().getLast());
        float[] logits = run.floats(op.logits());
        for (int r = 0; r < run.rows(op.logits()); r++) {
            double logSum = logSumExp(logits, r * vocabulary, vocabulary);
            if (run.rows(op.logSum()) > 0) {
                run.floats(op.logSum())[r] = (float) logSum;
            }
            double less = run.ints(op.normalise())[r] == 0 ? 0 : logSum;
            int[] offsets = run.ints(op.editOffsets());
            for (int e = offsets[r]; e < offsets[r + 1]; e++) {
                int at = r * vocabulary + run.ints(op.editTokens())[e];
                Edit edit = Edit.values()[run.ints(op.editKinds())[e]];
                double value = edited(value(logits[at], less), edit, run.floats(op.editAmounts())[e]);
                logits[at] = (float) (value + (Double.isInfinite(value) ? 0 : less));
            }
            select(logits, r * vocabulary, vocabulary, less, run.ints(op.ids()), run.floats(op.values()), r * top, top);
        }
    }

    private static double logSumExp(float[] logits, int offset, int count) {
        double max = Double.NEGATIVE_INFINITY;
        for (int t = 0; t < count; t++) {
            max = Math.max(max, logits[offset + t]);
        }
        if (Double.isInfinite(max)) {
            return max;
        }
        double sum = 0;
        for (int t = 0; t < count; t++) {
            sum += Math.exp(logits[offset + t] - max);
        }
        return max + Math.log(sum);
    }

    private static double edited(double value, Edit edit, double amount) {
        return switch (edit) {
            case BAN -> Double.NEGATIVE_INFINITY;
            case PENALTY -> value < 0 ? value * amount : value / amount;
            case ADD -> value + amount;
        };
    }

    /** A token that was infinitely unlikely stays so, whatever the sum. */
    private static double value(float logit, double less) {
        return Double.isInfinite(logit) ? logit : logit - less;
    }

    private static void select(
            float[] logits, int offset, int vocabulary, double less, int[] ids, float[] values, int out, int top) {
        for (int i = 0; i < top; i++) {
            int best = -1;
            for (int t = 0; t < vocabulary; t++) {
                boolean comesAfterLast = i == 0 || comesBefore(logits, offset, ids[out + i - 1], t);
                if (comesAfterLast && (best < 0 || comesBefore(logits, offset, t, best))) {
                    best = t;
                }
            }
            if (best < 0) {
                java.util.Arrays.fill(ids, out + i, out + top, -1);
                java.util.Arrays.fill(values, out + i, out + top, Float.NEGATIVE_INFINITY);
                return;
            }
            ids[out + i] = best;
            values[out + i] = (float) value(logits[offset + best], less);
        }
    }

    private static boolean comesBefore(float[] logits, int offset, int a, int b) {
        float x = orSmallest(logits[offset + a]);
        float y = orSmallest(logits[offset + b]);
        return x > y || x == y && a < b;
    }

    /** What is not a number is never better than a number. */
    private static float orSmallest(float x) {
        return Float.isNaN(x) ? Float.NEGATIVE_INFINITY : x;
    }
}
