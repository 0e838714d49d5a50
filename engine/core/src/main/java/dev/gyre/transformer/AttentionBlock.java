package dev.gyre.transformer;

import dev.gyre.graph.PositionBias;
import dev.gyre.graph.Tensor.Weight;
import org.jspecify.annotations.Nullable;

/**
 * Multi-head attention (Vaswani et al., section 3.2) with its four projections.
 *
 * @param heads query heads
 * @param keyHeads heads of keys and values, a divisor of {@code heads}
 * @param headSize columns of a head
 * @param scale what the products of queries and keys are multiplied with
 * @param bias relative positions of T5 and MPNet
 * @param rope rotary positions: the table of {@link dev.gyre.graph.Operation.Rope}
 */
public record AttentionBlock(
        int heads,
        int keyHeads,
        int headSize,
        float scale,
        Projection query,
        Projection key,
        Projection value,
        Projection output,
        @Nullable PositionBias bias,
        @Nullable Weight rope) {

    /** Attention as in the paper: as many key heads as query heads, scale 1/√headSize, no relative positions. */
    public static AttentionBlock plain(
            int heads, int width, Projection query, Projection key, Projection value, Projection output) {
        return biased(heads, width, null, query, key, value, output);
    }

    /** As {@link #plain}, with relative positions or none. */
    public static AttentionBlock biased(
            int heads,
            int width,
            @Nullable PositionBias bias,
            Projection query,
            Projection key,
            Projection value,
            Projection output) {
        int headSize = width / heads;
        return new AttentionBlock(
                heads, heads, headSize, (float) (1 / Math.sqrt(headSize)), query, key, value, output, bias, null);
    }

    int keyColumns() {
        return keyHeads * headSize;
    }
}
