package dev.gyre.weights;

import java.util.ArrayList;
import java.util.List;

/**
 * Names of revision 1 of CTranslate2's specification, those that OpenNMT-tf gave its variables, as the later revisions
 * name the same things.
 */
final class CTranslate2Names {

    private CTranslate2Names() {}

    /** {@code transformer/encoder/layer_0/ffn/conv1d_1/kernel:0} is {@code encoder/layer_0/ffn/linear_1/weight}. */
    static String ofRevision1(String name) {
        String plain = name.endsWith(":0") ? name.substring(0, name.length() - 2) : name;
        boolean encoder = plain.contains("encoder");
        List<String> path = new ArrayList<>();
        for (String part : plain.split("/", -1)) {
            switch (part) {
                case "transformer" -> {}
                case "w_embs" -> path.addAll(List.of("embeddings", "weight"));
                case "LayerNorm" -> path.add("layer_norm");
                case "dense" -> path.add("projection");
                case "conv1d" -> path.add("linear_0");
                case "masked_multi_head" -> path.add("self_attention");
                case "multi_head" -> path.add(encoder ? "self_attention" : "attention");
                default ->
                    path.add(
                            part.startsWith("conv1d_")
                                    ? "linear_" + part.substring("conv1d_".length())
                                    : part.startsWith("kernel")
                                            ? "weight" + part.substring("kernel".length())
                                            : part.startsWith("w_embs")
                                                    ? "embeddings/weight" + part.substring("w_embs".length())
                                                    : part);
            }
        }
        return String.join("/", path);
    }
}
