package dev.gyre.transformer;

import dev.gyre.graph.GraphBuilder;
import dev.gyre.graph.NormKind;
import dev.gyre.graph.Tensor;
import dev.gyre.graph.Tensor.Value;
import dev.gyre.graph.Tensor.Weight;
import org.jspecify.annotations.Nullable;

/** A norm with its weights; {@code beta} is absent for RMS norms. */
public record Normalization(
        NormKind kind, Weight gamma, @Nullable Weight beta, float epsilon) {

    /** A LayerNorm whose weights are {@code NAME.weight} and {@code NAME.bias}. */
    public static Normalization layer(String name, int width, float epsilon) {
        return new Normalization(
                NormKind.LAYER, Weight.vector(name + ".weight", width), Weight.vector(name + ".bias", width), epsilon);
    }

    Value record(GraphBuilder graph, Tensor x) {
        return graph.norm(x, kind, gamma, beta, epsilon);
    }
}
