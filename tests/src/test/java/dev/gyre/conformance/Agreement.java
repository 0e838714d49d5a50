package dev.gyre.conformance;

import dev.gyre.graph.Tensor.Value;
import java.util.Arrays;
import java.util.List;

/** Compares outcomes; says where the first difference is. */
final class Agreement {

    /** A device may flush what is near the smallest normal float32 to zero. */
    private static final double VANISHING = 1e-30;

    private Agreement() {}

    /** Every output of every run within the tolerance of the case. */
    static void require(Case c, List<Outcome> expected, List<Outcome> actual) {
        for (int i = 0; i < expected.size(); i++) {
            int run = i;
            expected.get(i)
                    .outputs()
                    .forEach((output, values) -> require(
                            c + ", run " + run,
                            output,
                            values,
                            actual.get(run).outputs().get(output),
                            c.tolerance()));
        }
    }

    static void require(String where, Value output, Object expected, Object actual, double tolerance) {
        String place = where + ", " + output.name() + " " + output.shape();
        if (expected instanceof int[] e) {
            requireSame(place, e, (int[]) actual);
        } else {
            requireNear(place, (float[]) expected, (float[]) actual, tolerance);
        }
    }

    static void requireSame(String where, int[] expected, int[] actual) {
        int at = Arrays.mismatch(expected, actual);
        if (at >= 0) {
            throw new AssertionError(where + ": element " + at + " is " + element(actual, at) + ", expected "
                    + element(expected, at) + " (expected " + head(expected) + ", got " + head(actual) + ")");
        }
    }

    /** Finite elements within tolerance × the largest finite magnitude expected; infinite ones equal; no NaN. */
    static void requireNear(String where, float[] expected, float[] actual, double tolerance) {
        if (expected.length != actual.length) {
            throw new AssertionError(where + ": " + actual.length + " elements, expected " + expected.length);
        }
        double largest = VANISHING;
        for (float e : expected) {
            if (Float.isFinite(e)) {
                largest = Math.max(largest, Math.abs(e));
            }
        }
        int worst = -1;
        int wrong = 0;
        double worstError = 0;
        for (int i = 0; i < expected.length; i++) {
            double error = error(expected[i], actual[i]);
            if (!(error <= tolerance * largest)) {
                wrong++;
            }
            if (!(error <= worstError)) {
                worst = i;
                worstError = Double.isNaN(error) ? Double.POSITIVE_INFINITY : error;
            }
        }
        if (wrong > 0) {
            throw new AssertionError(
                    "%s: %d of %d elements differ; element %d is %s, expected %s (error %.2e of the largest magnitude %s, allowed %.0e)"
                            .formatted(
                                    where,
                                    wrong,
                                    expected.length,
                                    worst,
                                    actual[worst],
                                    expected[worst],
                                    worstError / largest,
                                    largest,
                                    tolerance));
        }
    }

    /** Every element the same bits, but for the sign of zero. */
    static void requireEqual(String where, float[] expected, float[] actual) {
        requireNear(where, expected, actual, 0);
    }

    private static double error(float expected, float actual) {
        return expected == actual ? 0 : Math.abs((double) expected - actual);
    }

    private static String element(int[] values, int at) {
        return at < values.length ? Integer.toString(values[at]) : "missing";
    }

    private static String head(int[] values) {
        return values.length <= 16 ? Arrays.toString(values) : Arrays.toString(Arrays.copyOf(values, 16)) + "…";
    }
}
