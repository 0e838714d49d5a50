package dev.gyre.cpu;

import dev.gyre.graph.PositionBias;
import org.jspecify.annotations.Nullable;

/** A {@link PositionBias} with the distances of a head beside one another. */
record HeadBias(float[] byHead, int distances, int center) {

    static @Nullable HeadBias of(Compilation unit, @Nullable PositionBias bias) {
        if (bias == null) {
            return null;
        }
        int distances = bias.table().shape().rows().limit();
        int heads = bias.table().shape().columns();
        float[] table = unit.weights().plain(bias.table());
        float[] byHead = new float[distances * heads];
        for (int d = 0; d < distances; d++) {
            for (int h = 0; h < heads; h++) {
                byHead[h * distances + d] = table[d * heads + h];
            }
        }
        return new HeadBias(byHead, distances, bias.center());
    }

    /** {@code score·scale + bias} for keys at the positions 0, 1, 2 ... */
    void add(float[] scores, int scores0, int count, float scale, int queryPosition, int head) {
        for (int j = 0; j < count; j++) {
            int distance = Math.clamp(center + j - queryPosition, 0, distances - 1);
            scores[scores0 + j] = Math.fma(scores[scores0 + j], scale, byHead[head * distances + distance]);
        }
    }
}
