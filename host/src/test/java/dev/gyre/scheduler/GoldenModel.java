package dev.gyre.scheduler;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
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
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Test-local: the marian golden case as a Transformer. */
final class GoldenModel {
    final Safetensors weights;
    final Transformer transformer;
    final JsonNode config;

    GoldenModel(Path dir) throws IOException {
        config = new ObjectMapper().readTree(dir.resolve("config.json").toFile());
        weights = new Safetensors(dir.resolve("model.safetensors"));
        int d = config.get("d_model").asInt();
        int v = config.get("vocab_size").asInt();
        int max = config.get("max_position_embeddings").asInt();
        float[] pe = new float[max * d];
        for (int p = 0; p < max; p++) {
            for (int j = 0; j < d; j++) {
                int half = d / 2;
                int dim = j < half ? j : j - half;
                double angle = p / Math.pow(10000, 2.0 * dim / d);
                pe[p * d + j] = (float) (j < half ? Math.sin(angle) : Math.cos(angle));
            }
        }
        weights.values.put("positions", pe);
        Weight table = Weight.matrix("model.shared.weight", v, d);
        Embedding e = new Embedding(table, (float) Math.sqrt(d), Weight.matrix("positions", max, d), null, null);
        transformer = new Transformer(
                "marian",
                new Stack(e, layers("encoder", false), null),
                new Stack(e, layers("decoder", true), null),
                new Projection(table, Weight.vector("final_logits_bias", v)),
                max,
                max);
    }

    private List<Layer> layers(String side, boolean decoder) {
        int d = config.get("d_model").asInt();
        int ffn = config.get(side + "_ffn_dim").asInt();
        List<Layer> layers = new ArrayList<>();
        for (int i = 0; i < config.get(side + "_layers").asInt(); i++) {
            String n = "model." + side + ".layers." + i + ".";
            layers.add(new Layer(
                    NormPlacement.POST,
                    attention(n + "self_attn", d),
                    Normalization.layer(n + "self_attn_layer_norm", d, 1e-5f),
                    decoder ? attention(n + "encoder_attn", d) : null,
                    decoder ? Normalization.layer(n + "encoder_attn_layer_norm", d, 1e-5f) : null,
                    new FeedForward(
                            projection(n + "fc1", ffn, d), null, projection(n + "fc2", d, ffn), Activation.SWISH),
                    Normalization.layer(n + "final_layer_norm", d, 1e-5f)));
        }
        return layers;
    }

    private AttentionBlock attention(String n, int d) {
        return AttentionBlock.plain(
                config.get("encoder_attention_heads").asInt(),
                d,
                projection(n + ".q_proj", d, d),
                projection(n + ".k_proj", d, d),
                projection(n + ".v_proj", d, d),
                projection(n + ".out_proj", d, d));
    }

    private static Projection projection(String n, int out, int in) {
        return new Projection(Weight.matrix(n + ".weight", out, in), Weight.vector(n + ".bias", out));
    }
}
