package dev.gyre.decoding;

import org.jspecify.annotations.Nullable;

/**
 * The best next tokens of some rows, as a device selected them: {@code top} per row, best first. Id -1 ends a row that
 * has fewer. The arrays are read in place and belong to whoever made this.
 */
public final class Candidates {

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

    /** The same tokens in every row, each with this value, all others impossible. */
    static Candidates only(int[] tokens, float value) {
        float[] values = new float[tokens.length];
        java.util.Arrays.fill(values, value);
        return new Candidates(tokens, values, null, null, tokens.length, 0, 0, 0);
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
        return java.util.Objects.requireNonNull(logits)[row * vocabulary + token];
    }

    int vocabulary() {
        return vocabulary;
    }
}
