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
import dev.gyre.weights.PositionTable;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Marian as Hugging Face's {@code MarianMTModel} stores it, the models of OPUS-MT: post-norm, sinusoidal positions
 * with all sines first, a bias on the logits. Fields that its reader ignores ({@code normalize_before} and the like)
 * are ignored here.
 */
final class Marian implements Family {

    private static final float EPSILON = 1e-5f;
    private static final String SHARED = "model.shared.weight";
    private static final String OUTPUT = "lm_head.weight";
    private static final String OUTPUT_BIAS = "final_logits_bias";
    private static final Set<String> HARMLESS = Set.of(
            SHARED,
            OUTPUT,
            OUTPUT_BIAS,
            "model.encoder.embed_tokens.weight",
            "model.decoder.embed_tokens.weight",
            "model.encoder.embed_positions.weight",
            "model.decoder.embed_positions.weight");

    @Override
    public String name() {
        return "marian";
    }

    @Override
    public Description describe(Config config, Checkpoint checkpoint) {
        int width = config.size("d_model");
        int sourceVocabulary = config.size("vocab_size");
        int targetVocabulary = config.size("decoder_vocab_size", sourceVocabulary);
        int positions = config.size("max_position_embeddings", 1024);
        boolean shared = config.flag("share_encoder_decoder_embeddings", true);
        boolean tied = config.flag("tie_word_embeddings", true);
        if (shared && targetVocabulary != sourceVocabulary) {
            throw new ModelFormatException(config.where() + ": vocab_size " + sourceVocabulary
                    + " and decoder_vocab_size " + targetVocabulary
                    + " must be equal with share_encoder_decoder_embeddings");
        }
        float scale = config.flag("scale_embedding", false) ? (float) Math.sqrt(width) : 1;
        Activation activation = config.activation("activation_function", Activation.GELU);

        String sourceTable = embeddings(checkpoint, "encoder", shared, tied);
        String targetTable = embeddings(checkpoint, "decoder", shared, tied);
        List<PositionTable> computed = new ArrayList<>();
        Weight sourcePositions = positions(checkpoint, "encoder", positions, width, computed);
        Weight targetPositions = positions(checkpoint, "decoder", positions, width, computed);

        Layers encoderLayers = new Layers(
                width, config.heads("encoder_attention_heads", width), config.size("encoder_ffn_dim"), activation);
        Layers decoderLayers = new Layers(
                width, config.heads("decoder_attention_heads", width), config.size("decoder_ffn_dim"), activation);
        Stack encoder = encoderLayers.stack(
                "model.encoder",
                new Embedding(Weight.matrix(sourceTable, sourceVocabulary, width), scale, sourcePositions, null, null),
                config.layers("encoder_layers"),
                false);
        Stack decoder = decoderLayers.stack(
                "model.decoder",
                new Embedding(Weight.matrix(targetTable, targetVocabulary, width), scale, targetPositions, null, null),
                config.layers("decoder_layers"),
                true);
        Projection output = new Projection(
                Weight.matrix(tied ? targetTable : OUTPUT, targetVocabulary, width),
                outputBias(checkpoint, targetVocabulary));
        return new Description(
                new Transformer(name(), encoder, decoder, output, positions, positions), computed, HARMLESS::contains);
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

    private static Weight positions(
            Checkpoint checkpoint, String side, int positions, int width, List<PositionTable> computed) {
        String stored = "model." + side + ".embed_positions.weight";
        if (checkpoint.names().contains(stored)) {
            return Weight.matrix(stored, positions, width);
        }
        PositionTable table = new PositionTable("sinusoid", positions, width, PositionTable.Layout.HALVES);
        if (!computed.contains(table)) {
            computed.add(table);
        }
        return Weight.matrix(table.name(), positions, width);
    }

    /** Zero where the file has none, as its reader takes it. */
    private static @Nullable Weight outputBias(Checkpoint checkpoint, int vocabulary) {
        return checkpoint.names().contains(OUTPUT_BIAS) ? Weight.vector(OUTPUT_BIAS, vocabulary) : null;
    }

    private record Layers(int width, int heads, int inner, Activation activation) {

        Stack stack(String name, Embedding embedding, int layers, boolean decoder) {
            return new Stack(
                    embedding,
                    IntStream.range(0, layers)
                            .mapToObj(i -> layer(name + ".layers." + i, decoder))
                            .toList(),
                    null);
        }

        private Layer layer(String name, boolean decoder) {
            return new Layer(
                    NormPlacement.POST,
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
            return new Projection(
                    Weight.matrix(name + ".weight", outputs, inputs), Weight.vector(name + ".bias", outputs));
        }

        private Normalization norm(String name) {
            return Normalization.layer(name, width, EPSILON);
        }
    }
}
