package dev.gyre.transformer.family;

import dev.gyre.graph.PositionBias;
import dev.gyre.graph.Tensor.Weight;
import dev.gyre.weights.Checkpoint;
import dev.gyre.weights.ComputedTensor;
import dev.gyre.weights.Derived;

/**
 * T5's relative positions (Raffel et al., 2019, section 2.1): distances share learned numbers in buckets, one each for
 * near distances, logarithmically wider ones up to {@code farthest}, beyond which all are one.
 *
 * @param both keys behind the query have buckets of their own (encoders); in decoders there are none
 */
record RelativeBuckets(int buckets, int farthest, boolean both) {

    /** The bias of every distance that matters, looked up from the stored table {@code [buckets, heads]}. */
    Bias bias(String stored, int heads, Checkpoint checkpoint) {
        int rows = 2 * farthest + 1;
        String name = stored + " (by distance)";
        Derived table = new Derived(name, rows, heads, () -> {
            float[] learned = new float[buckets * heads];
            checkpoint.read(stored, 0, learned.length, learned, 0);
            float[] byDistance = new float[rows * heads];
            for (int row = 0; row < rows; row++) {
                System.arraycopy(learned, bucket(row - farthest) * heads, byDistance, row * heads, heads);
            }
            return byDistance;
        });
        return new Bias(new PositionBias(Weight.matrix(name, rows, heads), farthest), table);
    }

    /** What the graph refers to, and the tensor behind it. */
    record Bias(PositionBias bias, ComputedTensor table) {}

    /** The bucket of {@code key position - query position}. */
    int bucket(int distance) {
        int half = both ? buckets / 2 : buckets;
        int first = both && distance > 0 ? half : 0;
        int away = both ? Math.abs(distance) : Math.max(-distance, 0);
        int exact = half / 2;
        if (away < exact) {
            return first + away;
        }
        // In float32 step by step, as the reference computes it: a boundary can hang on the last bit.
        float logarithm = (float) Math.log((float) away / exact);
        float share = logarithm / (float) Math.log((double) farthest / exact);
        return first + Math.min(exact + (int) (share * (half - exact)), half - 1);
    }
}
