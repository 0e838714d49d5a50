package dev.gyre.transformer.family;

import dev.gyre.graph.Activation;
import dev.gyre.graph.NormKind;
import dev.gyre.graph.PositionBias;
import dev.gyre.graph.Tensor.Weight;
import dev.gyre.transformer.AttentionBlock;
import dev.gyre.transformer.Embedding;
import dev.gyre.transformer.FeedForward;
import dev.gyre.transformer.Head;
import dev.gyre.transformer.Layer;
import dev.gyre.transformer.NormPlacement;
import dev.gyre.transformer.Normalization;
import dev.gyre.transformer.Projection;
import dev.gyre.transformer.Stack;
import dev.gyre.transformer.Transformer;
import dev.gyre.weights.Checkpoint;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * BERT, RoBERTa, XLM-RoBERTa, DistilBERT, MPNet and ELECTRA as Hugging Face stores them: encoder-only, post-norm,
 * learned positions, normalised embeddings.
 *
 * @param names how the family names its tensors
 * @param positions which row of the position table is the first token's
 * @param relative the table of relative positions that all layers share, without the prefix; empty without
 * @param embeddingWidth field of the width of the embeddings, which a projection makes that of the layers; empty where
 *     it is the same
 * @param headActivation between the two matrices of a classifier that has two
 */
record BertLike(
        String family,
        Names names,
        Positions positions,
        String relative,
        String embeddingWidth,
        Activation headActivation) {

    /** Transformers computes MPNet's distances with these, whatever the configuration says. */
    private static final int BUCKETS = 32;

    private static final int FARTHEST = 128;

    /** A family that differs in names and in how it counts positions only. */
    BertLike(String family, Names names, Positions positions) {
        this(family, names, positions, "", "", Activation.TANH);
    }

    BertLike withRelativePositions(String table) {
        return new BertLike(family, names, positions, table, embeddingWidth, headActivation);
    }

    BertLike withEmbeddingWidth(String field) {
        return new BertLike(family, names, positions, relative, field, headActivation);
    }

    BertLike withHeadActivation(Activation activation) {
        return new BertLike(family, names, positions, relative, embeddingWidth, activation);
    }

    /** Where the row of position 0 is. */
    enum Positions {
        /** The first row. */
        FROM_ZERO,
        /** The row behind that of the padding id, as fairseq counts. */
        BEHIND_PADDING,
        /** The third row: behind padding id 1, whatever the configuration says. */
        FROM_TWO;

        int rowsBefore(Config config, int rows) {
            return switch (this) {
                case FROM_ZERO -> 0;
                case BEHIND_PADDING ->
                    1 + (config.has("pad_token_id") ? config.integer("pad_token_id", 0, rows - 2) : 1);
                case FROM_TWO -> 2;
            };
        }
    }

    /** Configuration fields and tensors of a family; {@code {}} in a layer's name is its index. */
    record Names(
            String prefix,
            String width,
            String layers,
            String heads,
            String inner,
            String activation,
            String layer,
            List<String> attention,
            String attentionNorm,
            String up,
            String down,
            String outputNorm) {

        static final Names BERT = new Names(
                "bert.",
                "hidden_size",
                "num_hidden_layers",
                "num_attention_heads",
                "intermediate_size",
                "hidden_act",
                "encoder.layer.{}.",
                List.of("attention.self.query", "attention.self.key", "attention.self.value", "attention.output.dense"),
                "attention.output.LayerNorm",
                "intermediate.dense",
                "output.dense",
                "output.LayerNorm");

        static final Names DISTILBERT = new Names(
                "distilbert.",
                "dim",
                "n_layers",
                "n_heads",
                "hidden_dim",
                "activation",
                "transformer.layer.{}.",
                List.of("attention.q_lin", "attention.k_lin", "attention.v_lin", "attention.out_lin"),
                "sa_layer_norm",
                "ffn.lin1",
                "ffn.lin2",
                "output_layer_norm");

        static final Names MPNET = new Names(
                "mpnet.",
                "hidden_size",
                "num_hidden_layers",
                "num_attention_heads",
                "intermediate_size",
                "hidden_act",
                "encoder.layer.{}.",
                List.of("attention.attn.q", "attention.attn.k", "attention.attn.v", "attention.attn.o"),
                "attention.LayerNorm",
                "intermediate.dense",
                "output.dense",
                "output.LayerNorm");

        Names withPrefix(String other) {
            return new Names(
                    other,
                    width,
                    layers,
                    heads,
                    inner,
                    activation,
                    layer,
                    attention,
                    attentionNorm,
                    up,
                    down,
                    outputNorm);
        }
    }

    Description describe(Config config, Checkpoint checkpoint) {
        // Files written by the base class have no prefix.
        String prefix =
                checkpoint.names().contains(names.prefix + "embeddings.word_embeddings.weight") ? names.prefix : "";
        int width = config.size(names.width);
        int vocabulary = config.size("vocab_size");
        int rows = config.size("max_position_embeddings", 512);
        int before = positions.rowsBefore(config, rows);
        int types = config.has("type_vocab_size") ? config.integer("type_vocab_size", 0, 1 << 16) : 0;
        int heads = config.heads(names.heads, width);
        RelativeBuckets.Bias bias = bias(config, prefix, heads, checkpoint);
        Shape shape = new Shape(
                names,
                width,
                heads,
                bias == null ? null : bias.bias(),
                config.size(names.inner),
                config.activation(names.activation, Activation.GELU),
                config.epsilon("layer_norm_eps", 1e-12f),
                checkpoint);
        int narrow = embeddingWidth.isEmpty() ? width : config.size(embeddingWidth);
        String embeddings = prefix + "embeddings.";
        Stack encoder = new Stack(
                new Embedding(
                        Weight.matrix(embeddings + "word_embeddings.weight", vocabulary, narrow),
                        1,
                        Weight.rows(embeddings + "position_embeddings.weight", before, rows - before, narrow),
                        types == 0 ? null : Weight.matrix(embeddings + "token_type_embeddings.weight", types, narrow),
                        shape.norm(embeddings + "LayerNorm", narrow),
                        narrow == width ? null : Projection.biased(prefix + "embeddings_project", width, narrow)),
                IntStream.range(0, config.layers(names.layers))
                        .mapToObj(i -> shape.layer(prefix + names.layer.replace("{}", Integer.toString(i))))
                        .toList(),
                null);
        Head head = head(checkpoint, prefix, width);
        return new Description(
                new Transformer(family, encoder, null, null, rows - before, 0, head),
                bias == null ? List.of() : List.of(bias.table()),
                // The heads of pre-training, and position ids that old versions stored.
                tensor -> tensor.startsWith("cls.")
                        || tensor.startsWith("lm_head.")
                        || tensor.startsWith("vocab_")
                        || tensor.startsWith("discriminator_predictions.")
                        || tensor.startsWith("generator_")
                        || tensor.endsWith("position_ids")
                        || (!relative.isEmpty() && tensor.endsWith(relative))
                        || tensor.startsWith(prefix + "pooler."));
    }

    private RelativeBuckets.@Nullable Bias bias(Config config, String prefix, int heads, Checkpoint checkpoint) {
        if (relative.isEmpty()) {
            return null;
        }
        if (config.has("relative_attention_num_buckets")) {
            config.integer("relative_attention_num_buckets", BUCKETS, 1 << 16);
        }
        return new RelativeBuckets(BUCKETS, FARTHEST, true).bias(prefix + relative, heads, checkpoint);
    }

    /** Which head a file has is seen from its tensors; the number of labels from their shapes. */
    private @Nullable Head head(Checkpoint checkpoint, String prefix, int width) {
        Projection pooler = present(checkpoint, prefix + "pooler.dense", width);
        Projection dense = present(checkpoint, "classifier.dense", width);
        Projection before = present(checkpoint, "pre_classifier", width);
        Projection labels = present(checkpoint, "classifier", width);
        Projection behindDense = present(checkpoint, "classifier.out_proj", width);
        if (dense != null && behindDense != null) {
            return new Head(dense, headActivation, behindDense, false);
        }
        if (before != null && labels != null) {
            return new Head(before, Activation.RELU, labels, false);
        }
        if (labels != null) {
            return new Head(pooler, Activation.TANH, labels, pooler == null);
        }
        return pooler == null ? null : new Head(pooler, Activation.TANH, null, false);
    }

    private static @Nullable Projection present(Checkpoint checkpoint, String name, int width) {
        String weight = name + ".weight";
        if (!checkpoint.names().contains(weight)) {
            return null;
        }
        int[] shape = checkpoint.shape(weight);
        return shape.length == 0 ? null : Projection.biased(name, shape[0], width);
    }

    private record Shape(
            Names names,
            int width,
            int heads,
            @Nullable PositionBias bias,
            int inner,
            Activation activation,
            float epsilon,
            Checkpoint checkpoint) {

        Layer layer(String name) {
            return new Layer(
                    NormPlacement.POST,
                    AttentionBlock.biased(
                            heads,
                            width,
                            bias,
                            square(name + names.attention.get(0)),
                            square(name + names.attention.get(1)),
                            square(name + names.attention.get(2)),
                            square(name + names.attention.get(3))),
                    norm(name + names.attentionNorm),
                    null,
                    null,
                    new FeedForward(
                            Projection.biased(name + names.up, inner, width),
                            null,
                            Projection.biased(name + names.down, width, inner),
                            activation),
                    norm(name + names.outputNorm));
        }

        private Projection square(String name) {
            return Projection.biased(name, width, width);
        }

        private Normalization norm(String name) {
            return norm(name, width);
        }

        /** Checkpoints converted from TensorFlow call the weights of a norm gamma and beta. */
        Normalization norm(String name, int width) {
            if (checkpoint.names().contains(name + ".gamma")) {
                return new Normalization(
                        NormKind.LAYER,
                        Weight.vector(name + ".gamma", width),
                        Weight.vector(name + ".beta", width),
                        epsilon);
            }
            return Normalization.layer(name, width, epsilon);
        }
    }
}
