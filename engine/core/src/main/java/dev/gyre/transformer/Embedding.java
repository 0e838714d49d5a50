package dev.gyre.transformer;

import dev.gyre.graph.GraphBuilder;
import dev.gyre.graph.Tensor.Input;
import dev.gyre.graph.Tensor.Value;
import dev.gyre.graph.Tensor.Weight;
import org.jspecify.annotations.Nullable;

/**
 * How tokens become rows.
 *
 * @param table {@code [vocabulary, d_model]}, or narrower with a projection
 * @param scale what a row is multiplied with, often √d_model
 * @param positions row p is added to the token at position p, counted from 0; any offset of the family is in the rows
 *     that the weight names
 * @param types rows of token types (BERT)
 * @param norm applied to the sum
 * @param projection makes narrower embeddings as wide as the layers (ELECTRA)
 */
public record Embedding(
        Weight table,
        float scale,
        @Nullable Weight positions,
        @Nullable Weight types,
        @Nullable Normalization norm,
        @Nullable Projection projection) {

    /** Embeddings as wide as the layers. */
    public Embedding(
            Weight table,
            float scale,
            @Nullable Weight positions,
            @Nullable Weight types,
            @Nullable Normalization norm) {
        this(table, scale, positions, types, norm, null);
    }

    /** Columns of a row. */
    int width() {
        return projection == null
                ? table.shape().columns()
                : projection.weight().shape().rows().limit();
    }

    Value record(GraphBuilder graph, Input tokens, Input positionIds, @Nullable Input typeIds) {
        Value x = graph.embed(
                table,
                tokens,
                scale,
                positions,
                positions == null ? null : positionIds,
                types,
                types == null ? null : typeIds);
        Value normed = norm == null ? x : norm.record(graph, x);
        return projection == null ? normed : graph.linear(normed, projection.weight(), projection.bias());
    }
}
