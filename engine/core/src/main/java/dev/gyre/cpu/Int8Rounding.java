package dev.gyre.cpu;

/**
 * What {@link dev.gyre.backend.ComputeType#INT8} means: every row becomes whole numbers from -127 to 127 times a scale
 * of its own, its largest magnitude / 127. Sums of products of such numbers are exact.
 */
final class Int8Rounding {

    private static final int MOST = 127;

    /** Rows whose largest magnitude is below become zero: the reciprocal of the scale would be infinite. */
    private static final float VANISHING = 1e-30f;

    private Int8Rounding() {}

    /** Rounds rows of so many columns in place. */
    static void round(float[] rows, int columns) {
        for (int from = 0; from < rows.length; from += columns) {
            float most = 0;
            for (int c = 0; c < columns; c++) {
                most = Math.max(most, Math.abs(rows[from + c]));
            }
            float factor = most > VANISHING ? MOST / most : 0;
            float scale = most / MOST;
            for (int c = 0; c < columns; c++) {
                rows[from + c] = (float) Math.rint(rows[from + c] * factor) * scale;
            }
        }
    }
}
