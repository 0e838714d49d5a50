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
import dev.gyre.weights.ComputedTensor;
import dev.gyre.weights.ModelFormatException;
import dev.gyre.weights.PositionTable;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * What BART, mBART, Pegasus, M2M-100 and Marian share as Hugging Face stores them: the names of configuration fields
 * and tensors. A family gives the options in which it differs.
 *
 * @param placement of the norms; pre-norm stacks end in {@code layer_norm}
 * @param embeddingNorm the embedded rows are normalised ({@code layernorm_embedding})
 * @param activation where config.json does not say
 */
record BartLike(
        String family, NormPlacement placement, boolean embeddingNorm, Activation activation, Positions positions) {

    private static final float EPSILON = 1e-5f;
    private static final String SHARED = "model.shared.weight";
    private static final String OUTPUT = "lm_head.weight";
    private static final String OUTPUT_BIAS = "final_logits_bias";
    private static final Set<String> HARMLESS = Set.of(
            SHARED,
            OUTPUT,
            OUTPUT_BIAS,
            "model.encoder.version",
            "model.decoder.version",
            "model.encoder.embed_tokens.weight",
            "model.decoder.embed_tokens.weight",
            "model.encoder.embed_positions.weight",
            "model.encoder.embed_positions.weights",
            "model.decoder.embed_positions.weight",
            "model.decoder.embed_positions.weights");

    /** Where the rows that stand for positions come from. */
    sealed interface Positions {

        /** Learned, with rows before position 0 that nothing uses. */
        record Learned(int before) implements Positions {}

        /** A formula; the file may hold its rows too, in which case they are taken. */
        record Formula(PositionTable.Layout layout) implements Positions {}

        /** As fairseq computes it: position 0 is the row behind that of the padding id. */
        record BehindPadding() implements Positions {}
    }

    Description describe(Config config, Checkpoint checkpoint) {
        int width = config.size("d_model");
        int sourceVocabulary = config.size("vocab_size");
        int targetVocabulary = config.size("decoder_vocab_size", sourceVocabulary);
        int length = config.size("max_position_embeddings", 1024);
        boolean shared = config.flag("share_encoder_decoder_embeddings", true);
        boolean tied = config.flag("tie_word_embeddings", true);
        if (shared && targetVocabulary != sourceVocabulary) {
            throw new ModelFormatException(config.where() + ": vocab_size " + sourceVocabulary
                    + " and decoder_vocab_size " + targetVocabulary
                    + " must be equal with share_encoder_decoder_embeddings");
        }
        float scale = config.flag("scale_embedding", false) ? (float) Math.sqrt(width) : 1;
        Activation used = config.activation("activation_function", activation);

        String sourceTable = embeddings(checkpoint, "encoder", shared, tied);
        String targetTable = embeddings(checkpoint, "decoder", shared, tied);
        List<ComputedTensor> computed = new ArrayList<>();
        Embedding source = new Embedding(
                Weight.matrix(sourceTable, sourceVocabulary, width),
                scale,
                positions(config, checkpoint, "encoder", length, width, computed),
                null,
                embeddingNorm("model.encoder", width));
        Embedding target = new Embedding(
                Weight.matrix(targetTable, targetVocabulary, width),
                scale,
                positions(config, checkpoint, "decoder", length, width, computed),
                null,
                embeddingNorm("model.decoder", width));
        Projection output = new Projection(
                Weight.matrix(tied ? targetTable : OUTPUT, targetVocabulary, width),
                // Zero where the file has none, as its reader takes it.
                checkpoint.names().contains(OUTPUT_BIAS) ? Weight.vector(OUTPUT_BIAS, targetVocabulary) : null);
        Transformer transformer = new Transformer(
                family,
                layers(config, "encoder", width, used).stack(source, config.layers("encoder_layers")),
                layers(config, "decoder", width, used).stack(target, config.layers("decoder_layers")),
                output,
                length,
                length);
        return new Description(transformer, computed, HARMLESS::contains);
    }

    /** Of tensors that are one, a file keeps one, and which depends on the version that wrote it. */
    private static String embeddings(Checkpoint checkpoint, String side, boolean shared, boolean tied) {
        List<String> candidates = new ArrayList<>();
        if (shared) {
            candidates.add(SHARED);
        }
        candidates.add("model." + side + ".embed_tokens.weight");
        if (shared) {
            candidates.add("model.decoder.embed_tokens.weight");
            candidates.add("model.encoder.embed_tokens.weight");
        }
        if (tied && (shared || side.equals("decoder"))) {
            candidates.add(OUTPUT);
        }
        return candidates.stream()
                .filter(checkpoint.names()::contains)
                .findFirst()
                .orElse(candidates.getFirst());
    }

    private Weight positions(
            Config config, Checkpoint checkpoint, String side, int length, int width, List<ComputedTensor> computed) {
        String stored = "model." + side + ".embed_positions.weight";
        return switch (positions) {
            case Positions.Learned learned -> Weight.rows(stored, learned.before(), length, width);
            case Positions.Formula formula -> {
                if (checkpoint.names().contains(stored)) {
                    yield Weight.matrix(stored, length, width);
                }
                yield Weight.matrix(table(length, width, formula.layout(), computed), length, width);
            }
            case Positions.BehindPadding _ -> {
                // Positions begin at padding + 1; row r of this table is position r + 1.
                int padding = config.has("pad_token_id") ? config.integer("pad_token_id", 0, 1 << 24) : 1;
                String name = table(length + padding, width, PositionTable.Layout.HALVES_FROM_ONE, computed);
                yield Weight.rows(name, padding, length, width);
            }
        };
    }

    private static String table(int rows, int width, PositionTable.Layout layout, List<ComputedTensor> computed) {
        PositionTable table = new PositionTable("sinusoid", rows, width, layout);
        if (!computed.contains(table)) {
            computed.add(table);
        }
        return table.name();
    }

    private @Nullable Normalization embeddingNorm(String stack, int width) {
        return embeddingNorm ? Normalization.layer(stack + ".layernorm_embedding", width, EPSILON) : null;
    }

    private Layers layers(Config config, String side, int width, Activation used) {
        return new Layers(
                "model." + side,
                placement,
                width,
                config.heads(side + "_attention_heads", width),
                config.size(side + "_ffn_dim"),
                used);
    }

    private record Layers(
            String stack, NormPlacement placement, int width, int heads, int inner, Activation activation) {

        Stack stack(Embedding embedding, int layers) {
            return new Stack(
                    embedding,
                    IntStream.range(0, layers).mapToObj(this::layer).toList(),
                    placement == NormPlacement.PRE ? norm(stack + ".layer_norm") : null);
        }

        private Layer layer(int index) {
            String name = stack + ".layers." + index;
            boolean decoder = stack.endsWith("decoder");
            return new Layer(
                    placement,
                    attention(name + ".self_attn"),
                    norm(name + ".self_attn_layer_norm"),
                    decoder ? attention(name + ".encoder_attn") : null,
                    decoder ? norm(name + ".encoder_attn_layer_norm") : null,
                    new FeedForward(
                            linear(name + ".fc1", inner, width), null, linear(name + ".fc2", width, inner), activation),
                    norm(name + ".final_layer_norm"));
        }

        private AttentionBlock attention(String name) {
            return AttentionBlock.plain(
                    heads,
                    width,
                    linear(name + ".q_proj", width, width),
                    linear(name + ".k_proj", width, width),
                    linear(name + ".v_proj", width, width),
                    linear(name + ".out_proj", width, width));
        }

        private Projection linear(String name, int outputs, int inputs) {
            return Projection.biased(name, outputs, inputs);
        }

        private Normalization norm(String name) {
            return Normalization.layer(name, width, EPSILON);
        }
    }
}
