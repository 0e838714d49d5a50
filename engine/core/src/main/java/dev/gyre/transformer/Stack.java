package dev.gyre.transformer;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** Layers over an embedding; {@code finalNorm} closes pre-norm stacks. */
public record Stack(
        Embedding embedding, List<Layer> layers, @Nullable Normalization finalNorm) {

    public Stack {
        layers = List.copyOf(layers);
    }

    /** Columns of a row: {@code d_model}. */
    public int width() {
        return embedding.width();
    }

    /** Rows of the embedding table. */
    public int vocabulary() {
        return embedding.table().shape().rows().limit();
    }
}
