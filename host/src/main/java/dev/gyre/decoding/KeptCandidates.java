package dev.gyre.decoding;

/** The best continuations of some beams, best first; of equals the one that came first. */
final class KeptCandidates {

    private final float[] keys;
    private final float[] scores;
    private final int[] tokens;
    private final int[] beams;
    private int count;

    KeptCandidates(int size) {
        keys = new float[size];
        scores = new float[size];
        tokens = new int[size];
        beams = new int[size];
    }

    void clear() {
        count = 0;
    }

    /** Whether a continuation with this key would be among the best so far; never for NaN once there are enough. */
    boolean takes(float key) {
        return count < keys.length || key > keys[keys.length - 1];
    }

    /**
     * Takes one for which {@link #takes} is true, in place of the last if there are enough.
     *
     * @param key what they are ranked by
     * @param score accumulated log-probability
     * @param beam which it continues
     */
    void add(float key, float score, int token, int beam) {
        int at = count < keys.length ? count++ : keys.length - 1;
        while (at > 0 && key > keys[at - 1]) {
            keys[at] = keys[at - 1];
            scores[at] = scores[at - 1];
            tokens[at] = tokens[at - 1];
            beams[at] = beams[at - 1];
            at--;
        }
        keys[at] = key;
        scores[at] = score;
        tokens[at] = token;
        beams[at] = beam;
    }

    /** Makes up for those that there were too few of, with a score of negative infinity. */
    void fill(int token, int beam) {
        while (count < keys.length) {
            keys[count] = Float.NEGATIVE_INFINITY;
            scores[count] = Float.NEGATIVE_INFINITY;
            tokens[count] = token;
            beams[count++] = beam;
        }
    }

    float score(int k) {
        return scores[k];
    }

    int token(int k) {
        return tokens[k];
    }

    int beam(int k) {
        return beams[k];
    }
}
