package dev.gyre.scheduler;

import dev.gyre.backend.WeightSource;
import dev.gyre.decoding.GenerationOptions;
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
import java.util.List;
import java.util.SplittableRandom;

/** A model of one layer on each side with made-up weights: quick, and its hypotheses end by themselves. */
public final class TinyModel {

    public static final int VOCABULARY = 41;
    public static final int END = 2;
    public static final int START = 1;
    public static final int POSITIONS = 48;
    private static final int WIDTH = 16;

    private TinyModel() {}

    public static Transformer transformer() {
        return transformer(WIDTH, VOCABULARY);
    }

    /** The same with other sizes. */
    public static Transformer transformer(int width, int vocabulary) {
        Weight table = Weight.matrix("table", vocabulary, width);
        Weight positions = Weight.matrix("positions", POSITIONS, width);
        Embedding embedding = new Embedding(table, 2, positions, null, null);
        return new Transformer(
                "tiny",
                new Stack(embedding, List.of(layer("encoder", false, width)), null),
                new Stack(embedding, List.of(layer("decoder", true, width)), null),
                new Projection(Weight.matrix("output", vocabulary, width), Weight.vector("output.bias", vocabulary)),
                POSITIONS,
                POSITIONS);
    }

    public static GenerationOptions defaults() {
        return GenerationOptions.builder()
                .decoderStartTokenId(START)
                .eosTokenIds(List.of(END))
                .build();
    }

    /** Numbers that depend on the name of a tensor and on the row alone. */
    public static WeightSource weights() {
        return (weight, firstRow, rows, destination, offset) -> {
            int columns = weight.shape().columns();
            int row = 0;
            for (Weight.Part part : weight.parts()) {
                for (int r = part.firstRow(); r < part.firstRow() + part.rows(); r++, row++) {
                    if (row >= firstRow && row < firstRow + rows) {
                        fill(part.tensor(), r, columns, destination, offset + (row - firstRow) * columns);
                    }
                }
            }
        };
    }

    /** A source of this length. */
    public static int[] source(int length, long seed) {
        return new SplittableRandom(seed).ints(length, 3, VOCABULARY).toArray();
    }

    private static void fill(String tensor, int row, int columns, float[] destination, int offset) {
        SplittableRandom random = new SplittableRandom(tensor.hashCode() * 1_000_003L + row);
        float centre = tensor.endsWith("gamma.weight") ? 1 : 0;
        // The end token gets a lead, so that hypotheses are some ten tokens long.
        float lead = tensor.equals("output.bias") && row == END ? 3 : 0;
        for (int c = 0; c < columns; c++) {
            destination[offset + c] = centre + lead + (float) random.nextDouble(-0.7, 0.7);
        }
    }

    private static Layer layer(String n, boolean decoder, int width) {
        return new Layer(
                NormPlacement.POST,
                attention(n + ".self", width),
                Normalization.layer(n + ".self.gamma", width, 1e-5f),
                decoder ? attention(n + ".cross", width) : null,
                decoder ? Normalization.layer(n + ".cross.gamma", width, 1e-5f) : null,
                new FeedForward(
                        projection(n + ".up", 2 * width, width),
                        null,
                        projection(n + ".down", width, 2 * width),
                        Activation.RELU),
                Normalization.layer(n + ".ffn.gamma", width, 1e-5f));
    }

    private static AttentionBlock attention(String n, int width) {
        return AttentionBlock.plain(
                2,
                width,
                projection(n + ".q", width, width),
                projection(n + ".k", width, width),
                projection(n + ".v", width, width),
                projection(n + ".o", width, width));
    }

    private static Projection projection(String n, int out, int in) {
        return new Projection(Weight.matrix(n, out, in), Weight.vector(n + ".bias", out));
    }
}
