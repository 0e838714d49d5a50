package dev.gyre.conformance;

import dev.gyre.graph.Size.Symbol;
import java.util.stream.IntStream;

/** Lengths of packed things. */
final class Sizes {

    private Sizes() {}

    /** A symbol that can be bound to each of these. */
    static Symbol symbol(String name, int... lengths) {
        return new Symbol(name, Math.max(1, IntStream.of(lengths).max().orElse(1)));
    }

    /** {@code [0, a, a+b, ...]}. */
    static int[] offsets(int... lengths) {
        int[] offsets = new int[lengths.length + 1];
        for (int i = 0; i < lengths.length; i++) {
            offsets[i + 1] = offsets[i] + lengths[i];
        }
        return offsets;
    }

    static int sum(int... lengths) {
        return IntStream.of(lengths).sum();
    }

    /** {@code count} numbers from 0 to {@code bound - 1}, the ends among them where there is room. */
    static int[] indices(long seed, int count, int bound) {
        int[] indices = new int[count];
        for (int i = 0; i < count; i++) {
            indices[i] = i == 0 ? bound - 1 : i == 1 ? 0 : (int) ((Noise.at(seed, i, 0) + 1) / 2 * bound);
        }
        return indices;
    }

    /** The first {@code count} of a shuffle of 0 to {@code bound - 1}. */
    static int[] distinct(long seed, int count, int bound) {
        int[] shuffled = IntStream.range(0, bound).toArray();
        for (int i = 0; i < count; i++) {
            int j = i + (int) ((Noise.at(seed, i, 1) + 1) / 2 * (bound - i));
            int swap = shuffled[i];
            shuffled[i] = shuffled[j];
            shuffled[j] = swap;
        }
        return java.util.Arrays.copyOf(shuffled, count);
    }
}
