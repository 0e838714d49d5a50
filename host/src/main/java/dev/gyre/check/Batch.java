package dev.gyre.check;

import dev.gyre.transformer.Stack;
import dev.gyre.transformer.Transformer;
import dev.gyre.weights.Checkpoint;
import dev.gyre.weights.ModelFormatException;
import java.util.Arrays;
import java.util.Objects;

/**
 * The input of a case without its padding.
 *
 * @param sources source token ids of each row
 * @param width tokens of a padded row
 * @param targets what the decoder is given, teacher forced, or none; the sources themselves in a decoder-only model
 */
record Batch(int[][] sources, int width, int[][] targets) {

    static Batch read(Checkpoint expected, Transformer model) {
        Stack reader = Objects.requireNonNull(model.encoder() == null ? model.decoder() : model.encoder());
        int[][] ids = rows(expected, "input_ids", reader.vocabulary());
        int[][] mask = rows(expected, "attention_mask", 2);
        if (mask.length != ids.length || ids.length > 0 && mask[0].length != ids[0].length) {
            throw new ModelFormatException(expected.origin() + ": attention_mask is not of the shape of input_ids");
        }
        int[][] sources = new int[ids.length][];
        for (int i = 0; i < ids.length; i++) {
            int n = (int) Arrays.stream(mask[i]).filter(m -> m == 1).count();
            if (Arrays.stream(mask[i]).limit(n).anyMatch(m -> m == 0)) {
                throw new ModelFormatException(
                        expected.origin() + ": row " + i + " of attention_mask is not ones and then zeros");
            }
            sources[i] = Arrays.copyOf(ids[i], n);
        }
        int[][] targets = expected.names().contains("decoder_input_ids")
                ? rows(
                        expected,
                        "decoder_input_ids",
                        Objects.requireNonNull(model.decoder()).vocabulary())
                : new int[0][];
        if (targets.length > 0 && targets.length != sources.length) {
            throw new ModelFormatException(expected.origin() + ": decoder_input_ids has " + targets.length
                    + " rows, input_ids has " + sources.length);
        }
        return new Batch(sources, ids.length == 0 ? 0 : ids[0].length, model.encoder() == null ? ids : targets);
    }

    /** Tokens of all sources. */
    int sourceTokens() {
        return Arrays.stream(sources).mapToInt(s -> s.length).sum();
    }

    private static int[][] rows(Checkpoint expected, String name, int below) {
        int[] shape = expected.shape(name);
        if (shape.length != 2) {
            throw new ModelFormatException(
                    expected.origin() + ": " + name + " must have two axes, not " + Arrays.toString(shape));
        }
        float[] row = new float[shape[1]];
        int[][] rows = new int[shape[0]][shape[1]];
        for (int i = 0; i < shape[0]; i++) {
            expected.read(name, (long) i * shape[1], shape[1], row, 0);
            for (int j = 0; j < row.length; j++) {
                rows[i][j] = (int) row[j];
                if (rows[i][j] < 0 || rows[i][j] >= below) {
                    throw new ModelFormatException(expected.origin() + ": " + name + " has " + rows[i][j]
                            + "; this model takes 0 to " + (below - 1));
                }
            }
        }
        return rows;
    }
}
