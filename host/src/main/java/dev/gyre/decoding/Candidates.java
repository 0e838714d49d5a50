package dev.gyre.decoding;

import java.util.Arrays;
import java.util.Comparator;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The best next tokens of some rows, as a device selected them: {@code top} per row, best first. Id -1 ends a row that
 * has fewer. The arrays are read in place and belong to whoever made this.
 */
public final class Candidates {

    /** Probability that raised tokens may have taken from the others without harm to float32. */
    private static final double LOST_AT_MOST = 0.5;

    private final int[] ids;
    private final float[] values;
    private final float @Nullable [] logSums;
    private final float @Nullable [] logits;
    private final int top;
    private final int stride;
    private final int vocabulary;
    private final int rowsOfLogits;

    private Candidates(
            int[] ids,
            float[] values,
            float @Nullable [] logSums,
            float @Nullable [] logits,
            int top,
            int stride,
            int vocabulary,
            int rowsOfLogits) {
        this.ids = ids;
        this.values = values;
        this.logSums = logSums;
        this.logits = logits;
        this.top = top;
        this.stride = stride;
        this.vocabulary = vocabulary;
        this.rowsOfLogits = rowsOfLogits;
    }

    /**
     * What a device wrote.
     *
     * @param ids {@code [rows, top]}
     * @param values {@code [rows, top]}
     * @param logSums {@code [rows]}, the logarithm of the sum of exponentials of each row of logits
     * @param logits the first {@code rowsOfLogits} rows of logits, edits applied: {@code [.., vocabulary]}
     */
    public static Candidates of(
            int[] ids, float[] values, float[] logSums, int top, float[] logits, int rowsOfLogits, int vocabulary) {
        return new Candidates(ids, values, logSums, logits, top, top, vocabulary, rowsOfLogits);
    }

    /**
     * Normalises a row again after bans: tokens that were raised instead of banned are taken out, and what they had is
     * given to the others.
     *
     * @return whether that was done; if not, they had so much that the rest is not known well enough, and
     *     {@link #renormalizeFromLogits} must do it
     * @param edits of the run
     * @param firstEdit the first edit of the row
     * @param endEdit behind the last
     */
    public boolean renormalizeRaised(int row, Edits edits, int firstEdit, int endEdit) {
        double lost = 0;
        for (int i = row * stride; i < row * stride + top && ids[i] >= 0; i++) {
            if (edits.contains(ids[i], firstEdit, endEdit)) {
                lost += Math.exp(values[i] - Edits.RAISE);
            }
        }
        if (lost > LOST_AT_MOST) {
            return false;
        }
        takeOut(row, edits, firstEdit, endEdit, (float) -Math.log1p(-lost));
        return true;
    }

    private void takeOut(int row, Edits edits, int firstEdit, int endEdit, float gain) {
        int kept = row * stride;
        for (int i = row * stride; i < row * stride + top && ids[i] >= 0; i++) {
            if (!edits.contains(ids[i], firstEdit, endEdit)) {
                ids[kept] = ids[i];
                values[kept++] = values[i] + gain;
            }
        }
        java.util.Arrays.fill(ids, kept, row * stride + top, -1);
    }

    /** Normalises a row again from its logits, which must be here; parameters as of {@link #renormalizeRaised}. */
    public void renormalizeFromLogits(int row, Edits edits, int firstEdit, int endEdit, boolean raised) {
        double sum = 0;
        for (int t = 0; t < vocabulary; t++) {
            if (!raised || !edits.contains(t, firstEdit, endEdit)) {
                sum += Math.exp(logit(row, t) - logSum(row));
            }
        }
        takeOut(row, edits, firstEdit, raised ? endEdit : firstEdit, sum > 0 ? (float) -Math.log(sum) : 0);
    }

    /** The same tokens in every row, each with this value, all others impossible. */
    static Candidates only(int[] tokens, float value) {
        float[] values = new float[tokens.length];
        Arrays.fill(values, value);
        return new Candidates(tokens, values, null, null, tokens.length, 0, 0, 0);
    }

    /**
     * These tokens in each row, all others impossible.
     *
     * @param normalise the values of a row are the logarithms of probabilities that sum to 1; 0 otherwise
     */
    static Candidates only(int[][] tokens, boolean normalise) {
        int most =
                Math.max(1, Arrays.stream(tokens).mapToInt(t -> t.length).max().orElse(0));
        int[] ids = new int[tokens.length * most];
        float[] values = new float[ids.length];
        Arrays.fill(ids, -1);
        Arrays.fill(values, Float.NEGATIVE_INFINITY);
        for (int r = 0; r < tokens.length; r++) {
            int count = tokens[r].length;
            System.arraycopy(tokens[r], 0, ids, r * most, count);
            Arrays.fill(values, r * most, r * most + count, normalise ? (float) -Math.log(Math.max(1, count)) : 0);
        }
        return new Candidates(ids, values, null, null, most, most, 0, 0);
    }

    /**
     * The best of the tokens that may come, of some rows of which all logits are there.
     *
     * @param allowed tokens of each row, all of the vocabulary, none twice
     * @param most tokens to keep of a row
     * @param normalise values are log-probabilities; raw logits otherwise
     * @param amongThem log-probabilities are over the tokens that may come; over all tokens otherwise
     */
    Candidates among(int first, int[][] allowed, int most, boolean normalise, boolean amongThem) {
        int rows = allowed.length;
        int[] best = new int[rows * most];
        float[] bestValues = new float[rows * most];
        float[] sums = new float[rows];
        for (int r = 0; r < rows; r++) {
            int row = first + r;
            float less = !normalise ? 0 : amongThem ? logSum(row, allowed[r]) : logSum(row);
            sums[r] = logSum(row);
            int[] order = Arrays.stream(allowed[r])
                    .boxed()
                    .sorted(Comparator.comparingDouble((Integer t) -> -logit(row, t))
                            .thenComparing(t -> t))
                    .limit(most)
                    .mapToInt(Integer::intValue)
                    .toArray();
            for (int k = 0; k < most; k++) {
                boolean there = k < order.length;
                best[r * most + k] = there ? order[k] : -1;
                float value = there ? logit(row, order[k]) : Float.NEGATIVE_INFINITY;
                bestValues[r * most + k] = Float.isInfinite(value) ? value : value - less;
            }
        }
        return new Candidates(best, bestValues, sums, null, most, most, vocabulary, 0);
    }

    private float logSum(int row, int[] tokens) {
        double max = Arrays.stream(tokens).mapToDouble(t -> logit(row, t)).max().orElseThrow();
        double sum = Arrays.stream(tokens)
                .mapToDouble(t -> Math.exp(logit(row, t) - max))
                .sum();
        return (float) (max + Math.log(sum));
    }

    int top() {
        return top;
    }

    int id(int row, int k) {
        return ids[row * stride + k];
    }

    float value(int row, int k) {
        return values[row * stride + k];
    }

    float logSum(int row) {
        return logSums == null ? 0 : logSums[row];
    }

    boolean hasLogits(int row) {
        return row < rowsOfLogits;
    }

    float logit(int row, int token) {
        return Objects.requireNonNull(logits)[row * vocabulary + token];
    }

    int vocabulary() {
        return vocabulary;
    }
}
