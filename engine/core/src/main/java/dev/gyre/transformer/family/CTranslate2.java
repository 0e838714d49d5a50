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
import dev.gyre.weights.CTranslate2Checkpoint;
import dev.gyre.weights.Checkpoint;
import dev.gyre.weights.ComputedTensor;
import dev.gyre.weights.ModelFormatException;
import dev.gyre.weights.PositionTable;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The encoder-decoders of CTranslate2's {@code TransformerSpec} and its forerunners. What a configuration holds
 * elsewhere stands in the file as scalars, with defaults for what older files leave out (8 heads, or 16 for
 * {@code TransformerBig}; pre-norm; ReLU). A variable that means nothing here belongs to a feature that is not
 * supported, so it is an error.
 */
public final class CTranslate2 implements Family {

    private static final int NEWEST_REVISION = 7;
    private static final int HEADS_SINCE = 3;
    private static final int SCALARS_PER_STACK_SINCE = 5;

    /** Positions where the table is computed; CTranslate2 computes it on, its default limit of a source is 1024. */
    private static final int POSITIONS_OTHERWISE = 1024;

    @Override
    public String name() {
        return "ctranslate2";
    }

    @Override
    public Description describe(Config config, Checkpoint checkpoint) {
        if (!(checkpoint instanceof CTranslate2Checkpoint file)) {
            throw new ModelFormatException(checkpoint.origin() + " is not a file of CTranslate2");
        }
        int heads = switch (file.specification()) {
            case "", "TransformerBase", "TransformerSpec" -> 8;
            case "TransformerBig" -> 16;
            default ->
                throw new ModelFormatException(file.origin() + " has the specification "
                        + file.specification()
                        + "; known are TransformerSpec, TransformerBase and TransformerBig");
        };
        if (file.revision() < 1 || file.revision() > NEWEST_REVISION) {
            throw new ModelFormatException(file.origin() + " has revision " + file.revision()
                    + " of its specification; 1 to " + NEWEST_REVISION + " are read");
        }
        CTranslate2Variables variables = new CTranslate2Variables(file);
        List<ComputedTensor> computed = new ArrayList<>();
        Reader reader = new Reader(file, variables, config, heads, computed);
        Stack encoder = reader.stack("encoder", false);
        Stack decoder = reader.stack("decoder", true);
        if (encoder.width() != decoder.width()) {
            throw new ModelFormatException(file.origin() + ": the encoder's width " + encoder.width()
                    + " and the decoder's " + decoder.width() + " differ");
        }
        Projection output = reader.linear("decoder/projection", decoder.width());
        if (output.outputs() != decoder.vocabulary()) {
            throw new ModelFormatException(file.origin() + ": decoder/projection gives " + output.outputs()
                    + " logits, decoder/embeddings has " + decoder.vocabulary() + " tokens");
        }
        variables.requireAllUsed();
        Transformer transformer =
                new Transformer(name(), encoder, decoder, output, positions(encoder), positions(decoder));
        return new Description(transformer, computed, tensor -> variables.meant(tensor));
    }

    private static int positions(Stack stack) {
        Weight table = stack.embedding().positions();
        return table == null ? POSITIONS_OTHERWISE : table.shape().rows().limit();
    }

    private record Reader(
            CTranslate2Checkpoint file,
            CTranslate2Variables variables,
            Config config,
            int defaultHeads,
            List<ComputedTensor> computed) {

        Stack stack(String scope, boolean decoder) {
            String table = !decoder && variables.has(scope + "/embeddings_0/weight")
                    ? scope + "/embeddings_0/weight"
                    : scope + "/embeddings/weight";
            Weight embeddings = variables.matrix(table);
            int width = embeddings.shape().columns();
            float scale = variables.embeddingScale(scope, width);
            Normalization embeddingNorm = optionalNorm(scope + "/layernorm_embedding", width);
            Embedding embedding = new Embedding(embeddings, scale, positions(scope, width), null, embeddingNorm);

            int heads = file.revision() < HEADS_SINCE ? defaultHeads : integer(scope, "num_heads", defaultHeads);
            if (heads < 1 || width % heads != 0) {
                throw new ModelFormatException(file.origin() + ": " + scope + " has " + heads
                        + " heads, which do not divide its width " + width);
            }
            NormPlacement placement = integer(scope, "pre_norm", 1) != 0 ? NormPlacement.PRE : NormPlacement.POST;
            Activation activation = activation(scope);
            List<Layer> layers = new ArrayList<>();
            for (String layer = scope + "/layer_0";
                    variables.hasScope(layer);
                    layer = scope + "/layer_" + layers.size()) {
                layers.add(layer(layer, decoder, width, heads, placement, activation));
            }
            if (layers.isEmpty()) {
                throw new ModelFormatException(file.origin() + " has no variables of " + scope + "/layer_0");
            }
            return new Stack(embedding, layers, optionalNorm(scope + "/layer_norm", width));
        }

        private Layer layer(
                String scope, boolean decoder, int width, int heads, NormPlacement placement, Activation activation) {
            String self = scope + "/self_attention";
            String cross = scope + "/attention";
            String inner = scope + "/ffn";
            Projection query = fused(self + "/linear_0", width, 3, 0);
            Projection key = fused(self + "/linear_0", width, 3, 1);
            Projection value = fused(self + "/linear_0", width, 3, 2);
            AttentionBlock selfAttention =
                    attention(self, heads, width, query, key, value, linear(self + "/linear_1", width));
            AttentionBlock crossAttention = !decoder
                    ? null
                    : attention(
                            cross,
                            heads,
                            width,
                            fused(cross + "/linear_0", width, 1, 0),
                            fused(cross + "/linear_1", width, 2, 0),
                            fused(cross + "/linear_1", width, 2, 1),
                            linear(cross + "/linear_2", width));
            Projection first = linear(inner + "/linear_0", width);
            boolean gated = variables.has(inner + "/linear_0_noact/weight");
            FeedForward feedForward = new FeedForward(
                    gated ? linear(inner + "/linear_0_noact", width) : first,
                    gated ? first : null,
                    linear(inner + "/linear_1", first.outputs()),
                    activation);
            return new Layer(
                    placement,
                    selfAttention,
                    norm(self + "/layer_norm", width),
                    crossAttention,
                    decoder ? norm(cross + "/layer_norm", width) : null,
                    feedForward,
                    norm(inner + "/layer_norm", width));
        }

        private AttentionBlock attention(
                String scope,
                int heads,
                int width,
                Projection query,
                Projection key,
                Projection value,
                Projection output) {
            AttentionBlock plain = AttentionBlock.plain(heads, width, query, key, value, output);
            float scale = variables.scalar(scope + "/queries_scale", plain.scale());
            return new AttentionBlock(heads, heads, plain.headSize(), scale, query, key, value, output, null, null);
        }

        /** One of several projections that stand under one another in a matrix. */
        private Projection fused(String name, int width, int parts, int part) {
            Weight all = variables.matrix(name + "/weight");
            if (all.shape().rows().limit() != parts * width || all.shape().columns() != width) {
                throw new ModelFormatException(file.origin() + ": " + name + "/weight is " + all.shape() + ", not ["
                        + parts * width + ", " + width + "]");
            }
            Weight bias = variables.has(name + "/bias")
                    ? Weight.rows(variables.vector(name + "/bias", parts * width), part * width, width, 0)
                    : null;
            return new Projection(Weight.rows(all.name(), part * width, width, width), bias);
        }

        Projection linear(String name, int inputs) {
            Weight weight = variables.matrix(name + "/weight");
            if (weight.shape().columns() != inputs) {
                throw new ModelFormatException(
                        file.origin() + ": " + name + "/weight is " + weight.shape() + ", not [..., " + inputs + "]");
            }
            int outputs = weight.shape().rows().limit();
            Weight bias = variables.has(name + "/bias")
                    ? Weight.vector(variables.vector(name + "/bias", outputs), outputs)
                    : null;
            return new Projection(weight, bias);
        }

        private @Nullable Normalization optionalNorm(String name, int width) {
            return variables.hasScope(name) ? norm(name, width) : null;
        }

        /** Without beta it is an RMS norm; the epsilons are those of CTranslate2. */
        private Normalization norm(String name, int width) {
            boolean centred = variables.has(name + "/beta");
            return new Normalization(
                    centred ? NormKind.LAYER : NormKind.RMS,
                    Weight.vector(variables.vector(name + "/gamma", width), width),
                    centred ? Weight.vector(variables.vector(name + "/beta", width), width) : null,
                    config.epsilon("layer_norm_epsilon", centred ? 1e-5f : 1e-6f));
        }

        private Weight positions(String scope, int width) {
            String stored = scope + "/position_encodings/encodings";
            if (variables.has(stored)) {
                Weight table = variables.matrix(stored);
                if (table.shape().columns() != width) {
                    throw new ModelFormatException(
                            file.origin() + ": " + stored + " is " + table.shape() + ", not [..., " + width + "]");
                }
                return table;
            }
            if (width % 2 != 0) {
                throw new ModelFormatException(file.origin() + " has no " + stored
                        + ", and the formula for computing it needs an even width, not " + width);
            }
            PositionTable table =
                    new PositionTable("sinusoid", POSITIONS_OTHERWISE, width, PositionTable.Layout.HALVES_FROM_ONE);
            if (!computed.contains(table)) {
                computed.add(table);
            }
            return Weight.matrix(table.name(), table.rows(), table.columns());
        }

        private int integer(String scope, String name, int otherwise) {
            boolean perStack = file.revision() >= SCALARS_PER_STACK_SINCE;
            return Math.round(variables.scalar(perStack ? scope + "/" + name : name, otherwise));
        }

        private Activation activation(String scope) {
            int code = integer(scope, "activation", 0);
            return switch (code) {
                case 0 -> Activation.RELU;
                case 1 -> Activation.GELU_TANH;
                case 2 -> Activation.SWISH;
                case 3 -> Activation.GELU;
                case 5 -> Activation.TANH;
                default ->
                    throw new ModelFormatException(file.origin() + ": the activation of " + scope + " is " + code
                            + "; supported are 0 (ReLU), 1 (GELU by tanh), 2 (swish), 3 (GELU) and 5 (tanh)");
            };
        }
    }
}
