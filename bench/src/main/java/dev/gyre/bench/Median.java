package dev.gyre.bench;

import java.util.Arrays;

/** The middle of some measurements. */
final class Median {

    private Median() {}

    /** The middle one, or the mean of the two in the middle. */
    static double of(double[] measured) {
        double[] sorted = measured.clone();
        Arrays.sort(sorted);
        int middle = sorted.length / 2;
        return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }
}
