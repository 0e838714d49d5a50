package dev.gyre.transformer.family;

import dev.gyre.graph.Activation;
import dev.gyre.graph.NormKind;
import dev.gyre.graph.PositionBias;
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
import dev.gyre.weights.ComputedTensor;
import dev.gyre.weights.Derived;
import dev.gyre.weights.ModelFormatException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * T5 1.0 and 1.1, FLAN-T5, mT5 and MADLAD (Raffel et al., 2019): pre-norm with RMS norms, no biases, no scaling of
 * scores, relative positions that the first layer of a stack holds for all, a gated feed-forward from 1.1 on.
 */
final class T5 implements Family {

    private static final String SHARED = "shared.weight";
    private static final String OUTPUT = "lm_head.weight";

    private final String name;

    /** @param name {@code model_type}: t5, mt5 */
    T5(String name) {
        this.name = name;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public Description describe(Config config, Checkpoint checkpoint) {
        int width = config.size("d_model");
        int vocabulary = config.size("vocab_size");
        int layers = config.layers("num_layers");
        // Nothing in the model ends at a position; this is what published models were trained with.
        int length = config.size("n_positions", 512);
        int buckets = config.integer("relative_attention_num_buckets", 4, 1 << 16);
        int farthest = config.has("relative_attention_max_distance")
                ? config.integer("relative_attention_max_distance", buckets / 2 + 1, 1 << 16)
                : 128;
        boolean tied = !checkpoint.names().contains(OUTPUT);
        // mT5 never scales, whatever it says about tying.
        boolean scaled =
                config.flag("scale_decoder_outputs", !name.equals("mt5") && config.flag("tie_word_embeddings", true));

        Part part = Part.of(config, width);
        List<ComputedTensor> computed = new ArrayList<>();
        Weight table = Weight.matrix(table(checkpoint), vocabulary, width);
        Embedding embedding = new Embedding(table, 1, null, null, null);
        RelativeBuckets.Bias source =
                new RelativeBuckets(buckets, farthest, true).bias(relative("encoder"), part.heads, checkpoint);
        RelativeBuckets.Bias target =
                new RelativeBuckets(buckets, farthest, false).bias(relative("decoder"), part.heads, checkpoint);
        computed.add(source.table());
        computed.add(target.table());

        Weight last = Weight.vector("decoder.final_layer_norm.weight", width);
        if (scaled) {
            // The decoder's rows are scaled by 1/√d_model on their way to the logits; the norm before does it.
            last = scaledVector(last, (float) (1 / Math.sqrt(width)), checkpoint, computed);
        }
        Stack encoder = new Stack(
                embedding,
                IntStream.range(0, layers)
                        .mapToObj(i -> part.layer("encoder.block." + i, source.bias(), false))
                        .toList(),
                part.norm("encoder.final_layer_norm"));
        Stack decoder = new Stack(
                embedding,
                IntStream.range(0, config.has("num_decoder_layers") ? config.layers("num_decoder_layers") : layers)
                        .mapToObj(i -> part.layer("decoder.block." + i, target.bias(), true))
                        .toList(),
                new Normalization(NormKind.RMS, last, null, part.epsilon));
        Projection output = new Projection(tied ? table : Weight.matrix(OUTPUT, vocabulary, width), null);
        return new Description(
                new Transformer(name, encoder, decoder, output, length, length),
                computed,
                tensor -> tensor.endsWith("embed_tokens.weight")
                        || tensor.equals(SHARED)
                        || tensor.equals("decoder.final_layer_norm.weight")
                        || tensor.endsWith("relative_attention_bias.weight"));
    }

    private static String table(Checkpoint checkpoint) {
        return checkpoint.names().contains(SHARED) || !checkpoint.names().contains("encoder.embed_tokens.weight")
                ? SHARED
                : "encoder.embed_tokens.weight";
    }

    private static String relative(String stack) {
        return stack + ".block.0.layer.0.SelfAttention.relative_attention_bias.weight";
    }

    private static Weight scaledVector(
            Weight stored, float factor, Checkpoint checkpoint, List<ComputedTensor> computed) {
        int length = stored.shape().rows().limit();
        String name = stored.name() + " (scaled)";
        computed.add(new Derived(name, length, 0, () -> {
            float[] values = new float[length];
            checkpoint.read(stored.name(), 0, length, values, 0);
            for (int i = 0; i < length; i++) {
                values[i] *= factor;
            }
            return values;
        }));
        return Weight.vector(name, length);
    }

    private record Part(
            int width, int heads, int headSize, int inner, boolean gated, Activation activation, float epsilon) {

        static Part of(Config config, int width) {
            String projection = config.string("feed_forward_proj", "relu");
            boolean gated = projection.startsWith("gated-");
            Activation activation = switch (gated ? projection.substring("gated-".length()) : projection) {
                case "relu" -> Activation.RELU;
                // "gated-gelu" has always meant the approximation; plain "gelu" has not.
                case "gelu" -> gated ? Activation.GELU_TANH : Activation.GELU;
                case "gelu_new" -> Activation.GELU_TANH;
                case "silu", "swish" -> Activation.SWISH;
                default ->
                    throw new ModelFormatException(config.where() + ": feed_forward_proj is \"" + projection
                            + "\"; it must be relu, gelu, gelu_new or silu, or one of them behind gated-");
            };
            return new Part(
                    width,
                    config.size("num_heads"),
                    config.size("d_kv"),
                    config.size("d_ff"),
                    gated,
                    activation,
                    config.epsilon("layer_norm_epsilon", 1e-6f));
        }

        Layer layer(String block, PositionBias bias, boolean decoder) {
            String network = block + (decoder ? ".layer.2" : ".layer.1");
            return new Layer(
                    NormPlacement.PRE,
                    attention(block + ".layer.0.SelfAttention", bias),
                    norm(block + ".layer.0.layer_norm"),
                    decoder ? attention(block + ".layer.1.EncDecAttention", null) : null,
                    decoder ? norm(block + ".layer.1.layer_norm") : null,
                    feedForward(network + ".DenseReluDense"),
                    norm(network + ".layer_norm"));
        }

        private FeedForward feedForward(String name) {
            Projection down = Projection.unbiased(name + ".wo", width, inner);
            return gated
                    ? new FeedForward(
                            Projection.unbiased(name + ".wi_1", inner, width),
                            Projection.unbiased(name + ".wi_0", inner, width),
                            down,
                            activation)
                    : new FeedForward(Projection.unbiased(name + ".wi", inner, width), null, down, activation);
        }

        private AttentionBlock attention(String name, @Nullable PositionBias bias) {
            int columns = heads * headSize;
            return new AttentionBlock(
                    heads,
                    heads,
                    headSize,
                    1,
                    Projection.unbiased(name + ".q", columns, width),
                    Projection.unbiased(name + ".k", columns, width),
                    Projection.unbiased(name + ".v", columns, width),
                    Projection.unbiased(name + ".o", width, columns),
                    bias,
                    null);
        }

        Normalization norm(String name) {
            return new Normalization(NormKind.RMS, Weight.vector(name + ".weight", width), null, epsilon);
        }
    }
}
