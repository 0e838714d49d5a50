package dev.gyre.transformer.family;

import dev.gyre.graph.Activation;
import dev.gyre.graph.NormKind;
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
 * Llama, TinyLlama, Mistral and Qwen2 (Touvron et al., 2023): decoder-only, pre-norm with RMS norms, rotary positions,
 * grouped key and value heads, a gated feed-forward. Qwen2 has biases on query, key and value.
 */
final class Llama implements Family {

    private static final String OUTPUT = "lm_head.weight";

    private final String name;
    private final boolean biased;

    /**
     * @param name {@code model_type}
     * @param biased query, key and value have biases where config.json does not say
     */
    Llama(String name, boolean biased) {
        this.name = name;
        this.biased = biased;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public Description describe(Config config, Checkpoint checkpoint) {
        int width = config.size("hidden_size");
        int vocabulary = config.size("vocab_size");
        int length = config.size("max_position_embeddings", 2048);
        int heads = config.size("num_attention_heads");
        int keyHeads = config.size("num_key_value_heads", heads);
        if (heads % keyHeads != 0) {
            throw new ModelFormatException(config.where() + ": num_key_value_heads is " + keyHeads
                    + "; it must divide num_attention_heads " + heads);
        }
        int headSize =
                config.has("head_dim") ? config.size("head_dim") : width / config.heads("num_attention_heads", width);
        boolean sliding = config.has("sliding_window") && config.flag("use_sliding_window", name.equals("mistral"));
        if (sliding && config.size("sliding_window") < length) {
            // Up to the window, attention to all that came before is the same.
            length = config.size("sliding_window");
        }
        RopeTable rope = RopeTable.of(config, length, headSize);
        Shape shape = new Shape(
                width,
                heads,
                keyHeads,
                headSize,
                config.size("intermediate_size"),
                config.activation("hidden_act", Activation.SWISH),
                config.epsilon("rms_norm_eps", 1e-6f),
                config.flag("attention_bias", biased),
                config.flag("attention_bias", false),
                config.flag("mlp_bias", false),
                Weight.matrix(rope.name(), length, headSize));
        String prefix = checkpoint.names().contains("embed_tokens.weight") ? "" : "model.";
        Weight table = Weight.matrix(prefix + "embed_tokens.weight", vocabulary, width);
        Stack decoder = new Stack(
                new Embedding(table, 1, null, null, null),
                IntStream.range(0, config.layers("num_hidden_layers"))
                        .mapToObj(i -> shape.layer(prefix + "layers." + i))
                        .toList(),
                shape.norm(prefix + "norm"));
        boolean tied = config.flag("tie_word_embeddings", false);
        Projection output = new Projection(tied ? table : Weight.matrix(OUTPUT, vocabulary, width), null);
        return new Description(
                new Transformer(name, null, decoder, output, length, length),
                List.of(rope),
                tensor -> tensor.equals(OUTPUT) || tensor.endsWith("rotary_emb.inv_freq"));
    }

    private record Shape(
            int width,
            int heads,
            int keyHeads,
            int headSize,
            int inner,
            Activation activation,
            float epsilon,
            boolean inputBias,
            boolean outputBias,
            boolean networkBias,
            Weight rope) {

        Layer layer(String name) {
            return new Layer(
                    NormPlacement.PRE,
                    attention(name + ".self_attn"),
                    norm(name + ".input_layernorm"),
                    null,
                    null,
                    new FeedForward(
                            linear(name + ".mlp.up_proj", inner, width, networkBias),
                            linear(name + ".mlp.gate_proj", inner, width, networkBias),
                            linear(name + ".mlp.down_proj", width, inner, networkBias),
                            activation),
                    norm(name + ".post_attention_layernorm"));
        }

        private AttentionBlock attention(String name) {
            return new AttentionBlock(
                    heads,
                    keyHeads,
                    headSize,
                    (float) (1 / Math.sqrt(headSize)),
                    linear(name + ".q_proj", heads * headSize, width, inputBias),
                    linear(name + ".k_proj", keyHeads * headSize, width, inputBias),
                    linear(name + ".v_proj", keyHeads * headSize, width, inputBias),
                    linear(name + ".o_proj", width, heads * headSize, outputBias),
                    null,
                    rope);
        }

        private static Projection linear(String name, int outputs, int inputs, boolean bias) {
            return bias ? Projection.biased(name, outputs, inputs) : Projection.unbiased(name, outputs, inputs);
        }

        Normalization norm(String name) {
            return new Normalization(NormKind.RMS, Weight.vector(name + ".weight", width), null, epsilon);
        }
    }
}
