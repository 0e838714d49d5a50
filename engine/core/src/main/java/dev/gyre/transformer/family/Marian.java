package dev.gyre.transformer.family;

import dev.gyre.graph.Activation;
import dev.gyre.transformer.NormPlacement;
import dev.gyre.weights.Checkpoint;
import dev.gyre.weights.PositionTable;

/**
 * Marian as Hugging Face's {@code MarianMTModel} stores it, the models of OPUS-MT: post-norm, sinusoidal positions
 * with all sines first, a bias on the logits. Fields that its reader ignores ({@code normalize_before} and the like)
 * are ignored here.
 */
final class Marian implements Family {

    private static final BartLike OPTIONS = new BartLike(
            "marian",
            NormPlacement.POST,
            false,
            Activation.GELU,
            new BartLike.Positions.Formula(PositionTable.Layout.HALVES));

    @Override
    public String name() {
        return OPTIONS.family();
    }

    @Override
    public Description describe(Config config, Checkpoint checkpoint) {
        return OPTIONS.describe(config, checkpoint);
    }
}
