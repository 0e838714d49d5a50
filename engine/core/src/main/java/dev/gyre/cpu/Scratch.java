package dev.gyre.cpu;

/** Memory that each thread has of its own, for what lives no longer than a task. */
final class Scratch {

    private final float[][] floats;
    private final int[][] ints;

    /** What each thread of an operation needs. */
    record Need(int floats, int ints) {
        static final Need NONE = new Need(0, 0);

        Need max(Need other) {
            return new Need(Math.max(floats, other.floats), Math.max(ints, other.ints));
        }

        long bytes() {
            return (long) Float.BYTES * floats + (long) Integer.BYTES * ints;
        }
    }

    Scratch(int threads, Need each) {
        floats = new float[threads][each.floats];
        ints = new int[threads][each.ints];
    }

    /** Longer than was said before only for sequences that are unusually long; then it stays so. */
    float[] floats(int worker, int atLeast) {
        if (floats[worker].length < atLeast) {
            floats[worker] = new float[atLeast];
        }
        return floats[worker];
    }

    int[] ints(int worker) {
        return ints[worker];
    }
}
