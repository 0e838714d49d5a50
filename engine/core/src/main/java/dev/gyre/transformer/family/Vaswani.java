package dev.gyre.transformer.family;

import dev.gyre.graph.Activation;
import dev.gyre.graph.Tensor.Weight;
import dev.gyre.transformer.AttentionBlock;
import dev.gyre.transformer.Embedding;
import dev.gyre.transformer.FeedForward;
import dev.gyre.transformer.Layer;
import dev.gyre.transformer.NormPlacement;
import dev.gyre.transformer.Normalization;
import dev.gyre.transformer.Projection;
import dev.gyre.transformer.Stack;
import dev.gyre.transformer.Transformer;
import dev.gyre.weights.Checkpoint;
import dev.gyre.weights.PositionTable;
import java.util.List;
import java.util.stream.IntStream;

/**
 * The model of "Attention Is All You Need" as {@code torch.nn.Transformer} names its weights: post-norm, one embedding
 * for both sides and the output, interleaved sinusoidal positions. Query, key and value are one matrix,
 * {@code in_proj_weight}, in this order.
 */
final class Vaswani implements Family {

    private static final String TABLE = "embedding.weight";
    private static final String POSITIONS = "sinusoid";

    /** Positions of the table where config.json does not say; the formula itself has no end. */
    private static final int POSITIONS_OTHERWISE = 1024;

    @Override
    public String name() {
        return "vaswani";
    }

    @Override
    public Description describe(Config config, Checkpoint checkpoint) {
        int width = config.size("d_model");
        int vocabulary = config.size("vocab_size");
        int positions = config.size("max_position_embeddings", POSITIONS_OTHERWISE);
        Shape shape = new Shape(
                width,
                config.heads("num_heads", width),
                config.size("ffn_dim"),
                config.activation("activation", Activation.RELU),
                config.epsilon("layer_norm_eps", 1e-5f));

        Weight table = Weight.matrix(TABLE, vocabulary, width);
        Embedding embedding =
                new Embedding(table, (float) Math.sqrt(width), Weight.matrix(POSITIONS, positions, width), null, null);
        Stack encoder =
                shape.stack("transformer.encoder", embedding, config.layers("encoder_layers"), false, checkpoint);
        Stack decoder =
                shape.stack("transformer.decoder", embedding, config.layers("decoder_layers"), true, checkpoint);
        return new Description(
                new Transformer(name(), encoder, decoder, new Projection(table, null), positions, positions),
                List.of(new PositionTable(POSITIONS, positions, width, PositionTable.Layout.INTERLEAVED)),
                tensor -> false);
    }

    private record Shape(int width, int heads, int inner, Activation activation, float epsilon) {

        Stack stack(String name, Embedding embedding, int layers, boolean decoder, Checkpoint checkpoint) {
            // Without an argument torch puts a norm at the end of each stack; the paper has none.
            boolean finalNorm = checkpoint.names().contains(name + ".norm.weight");
            return new Stack(
                    embedding,
                    IntStream.range(0, layers)
                            .mapToObj(i -> layer(name + ".layers." + i, decoder))
                            .toList(),
                    finalNorm ? norm(name + ".norm") : null);
        }

        private Layer layer(String name, boolean decoder) {
            return new Layer(
                    NormPlacement.POST,
                    attention(name + ".self_attn"),
                    norm(name + ".norm1"),
                    decoder ? attention(name + ".multihead_attn") : null,
                    decoder ? norm(name + ".norm2") : null,
                    new FeedForward(
                            linear(name + ".linear1", inner, width),
                            null,
                            linear(name + ".linear2", width, inner),
                            activation),
                    norm(name + (decoder ? ".norm3" : ".norm2")));
        }

        private AttentionBlock attention(String name) {
            return AttentionBlock.plain(
                    heads,
                    width,
                    stacked(name, 0),
                    stacked(name, 1),
                    stacked(name, 2),
                    linear(name + ".out_proj", width, width));
        }

        private Projection stacked(String name, int part) {
            return new Projection(
                    Weight.rows(name + ".in_proj_weight", part * width, width, width),
                    Weight.rows(name + ".in_proj_bias", part * width, width, 0));
        }

        private Projection linear(String name, int outputs, int inputs) {
            return Projection.biased(name, outputs, inputs);
        }

        private Normalization norm(String name) {
            return Normalization.layer(name, width, epsilon);
        }
    }
}
