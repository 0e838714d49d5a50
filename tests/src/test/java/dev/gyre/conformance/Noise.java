package dev.gyre.conformance;

/** Numbers that look random and are a function of where they stand. */
final class Noise {

    private Noise() {}

    /** Uniform in [-1, 1). */
    static double at(long seed, long row, long column) {
        long z = mix(mix(seed + 0x9E3779B97F4A7C15L * (row + 1)) + 0xD1B54A32D192ED03L * (column + 1));
        return (z >> 11) * 0x1p-52;
    }

    /** Finalizer of SplitMix64 (Steele et al., 2014). */
    private static long mix(long z) {
        z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
        z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
        return z ^ (z >>> 31);
    }

    /** Uniform in [-scale, scale). */
    static float[] floats(long seed, int count, double scale) {
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = (float) (scale * at(seed, 0, i));
        }
        return values;
    }
}
