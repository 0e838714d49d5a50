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
import dev.gyre.weights.ModelFormatException;
import java.util.List;
import java.util.stream.IntStream;

/**
 * GPT-2 and DistilGPT-2 (Radford et al., 2019): decoder-only, pre-norm, learned positions. Its files hold the matrices
 * of products as {@code [in, out]}; query, key and value are one.
 */
final class Gpt2 implements Family {

    private static final String OUTPUT = "lm_head.weight";

    @Override
    public String name() {
        return "gpt2";
    }

    @Override
    public Description describe(Config config, Checkpoint checkpoint) {
        if (config.flag("scale_attn_by_inverse_layer_idx", false) || !config.flag("scale_attn_weights", true)) {
            throw new ModelFormatException(config.where() + ": scale_attn_by_inverse_layer_idx must be false and"
                    + " scale_attn_weights true; other scalings of attention are not known");
        }
        int width = config.size("n_embd");
        int vocabulary = config.size("vocab_size");
        int length = config.size("n_positions", 1024);
        // Files written by the base class have no prefix.
        String prefix = checkpoint.names().contains("wte.weight") ? "" : "transformer.";
        Shape shape = new Shape(
                width,
                config.heads("n_head", width),
                config.size("n_inner", 4 * width),
                config.activation("activation_function", Activation.GELU_TANH),
                config.epsilon("layer_norm_epsilon", 1e-5f));
        Weight table = Weight.matrix(prefix + "wte.weight", vocabulary, width);
        Stack decoder = new Stack(
                new Embedding(table, 1, Weight.matrix(prefix + "wpe.weight", length, width), null, null),
                IntStream.range(0, config.layers("n_layer"))
                        .mapToObj(i -> shape.layer(prefix + "h." + i))
                        .toList(),
                shape.norm(prefix + "ln_f"));
        boolean tied =
                config.flag("tie_word_embeddings", true) || !checkpoint.names().contains(OUTPUT);
        Projection output = new Projection(tied ? table : Weight.matrix(OUTPUT, vocabulary, width), null);
        return new Description(
                new Transformer(name(), null, decoder, output, length, length),
                List.of(),
                // Causal masks that old versions stored.
                tensor -> tensor.equals(OUTPUT) || tensor.endsWith(".attn.bias") || tensor.endsWith(".masked_bias"));
    }

    private record Shape(int width, int heads, int inner, Activation activation, float epsilon) {

        Layer layer(String name) {
            return new Layer(
                    NormPlacement.PRE,
                    attention(name + ".attn"),
                    norm(name + ".ln_1"),
                    null,
                    null,
                    new FeedForward(
                            linear(name + ".mlp.c_fc", inner, width),
                            null,
                            linear(name + ".mlp.c_proj", width, inner),
                            activation),
                    norm(name + ".ln_2"));
        }

        private AttentionBlock attention(String name) {
            return AttentionBlock.plain(
                    heads,
                    width,
                    third(name, 0),
                    third(name, 1),
                    third(name, 2),
                    linear(name + ".c_proj", width, width));
        }

        private Projection third(String name, int part) {
            return new Projection(
                    Weight.transposedRows(name + ".c_attn.weight", part * width, width, width),
                    Weight.rows(name + ".c_attn.bias", part * width, width, 0));
        }

        private static Projection linear(String name, int outputs, int inputs) {
            return new Projection(
                    Weight.transposedRows(name + ".weight", 0, outputs, inputs),
                    Weight.vector(name + ".bias", outputs));
        }

        Normalization norm(String name) {
            return Normalization.layer(name, width, epsilon);
        }
    }
}
