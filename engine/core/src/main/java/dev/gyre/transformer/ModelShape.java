package dev.gyre.transformer;

import dev.gyre.graph.Activation;
import dev.gyre.graph.Tensor.Weight;
import java.util.stream.IntStream;

/**
 * The sizes of an encoder-decoder as in Vaswani et al., table 3: post-norm, ReLU, one table for both embeddings and the
 * output. A model without files, to measure with.
 *
 * @param layers of the encoder, and as many of the decoder
 * @param width d_model
 * @param inner columns inside the feed-forward network
 */
public record ModelShape(int layers, int width, int heads, int inner, int vocabulary) {

    private static final ModelShape BASE = new ModelShape(6, 512, 8, 2048, 32000);
    private static final ModelShape BIG = new ModelShape(6, 1024, 16, 4096, 32000);
    private static final int POSITIONS = 256;

    public ModelShape {
        if (layers < 1 || width < 1 || heads < 1 || inner < 1 || vocabulary < 8 || width % heads != 0) {
            throw new IllegalArgumentException("layers, width, heads and feed-forward must be positive, the vocabulary"
                    + " at least 8, and the heads " + heads + " must divide the width " + width);
        }
    }

    /**
     * {@code base}, {@code big}, or {@code layers,width,heads,feed-forward,vocabulary}.
     *
     * @throws IllegalArgumentException in one line
     */
    public static ModelShape parse(String text) {
        switch (text) {
            case "base":
                return BASE;
            case "big":
                return BIG;
            default:
                String[] parts = text.split(",", -1);
                if (parts.length != 5) {
                    throw new IllegalArgumentException("shape \"" + text + "\" is not known: give base, big, or five"
                            + " numbers: layers,width,heads,feed-forward,vocabulary");
                }
                try {
                    int[] n = IntStream.range(0, 5)
                            .map(i -> Integer.parseInt(parts[i].strip()))
                            .toArray();
                    return new ModelShape(n[0], n[1], n[2], n[3], n[4]);
                } catch (NumberFormatException e) {
                    throw new IllegalArgumentException(
                            "shape \"" + text + "\": five whole numbers are needed: layers,width,heads,feed-forward,"
                                    + "vocabulary",
                            e);
                }
        }
    }

    /** Its description; the weights are whatever a source gives for their names. */
    public Transformer transformer() {
        Weight table = Weight.matrix("embedding.weight", vocabulary, width);
        Embedding embedding = new Embedding(
                table, (float) Math.sqrt(width), Weight.matrix("positions.weight", POSITIONS, width), null, null);
        return new Transformer(
                "random",
                stack("encoder", embedding, false),
                stack("decoder", embedding, true),
                new Projection(table, null),
                POSITIONS,
                POSITIONS);
    }

    private Stack stack(String name, Embedding embedding, boolean decoder) {
        return new Stack(
                embedding,
                IntStream.range(0, layers)
                        .mapToObj(i -> layer(name + "." + i, decoder))
                        .toList(),
                null);
    }

    private Layer layer(String name, boolean decoder) {
        return new Layer(
                NormPlacement.POST,
                attention(name + ".self"),
                norm(name + ".self_norm"),
                decoder ? attention(name + ".cross") : null,
                decoder ? norm(name + ".cross_norm") : null,
                new FeedForward(
                        Projection.biased(name + ".up", inner, width),
                        null,
                        Projection.biased(name + ".down", width, inner),
                        Activation.RELU),
                norm(name + ".network_norm"));
    }

    private AttentionBlock attention(String name) {
        return AttentionBlock.plain(
                heads,
                width,
                Projection.biased(name + ".query", width, width),
                Projection.biased(name + ".key", width, width),
                Projection.biased(name + ".value", width, width),
                Projection.biased(name + ".output", width, width));
    }

    private Normalization norm(String name) {
        return Normalization.layer(name, width, 1e-5f);
    }
}
