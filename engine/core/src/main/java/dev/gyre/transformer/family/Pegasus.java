package dev.gyre.transformer.family;

import dev.gyre.graph.Activation;
import dev.gyre.transformer.NormPlacement;
import dev.gyre.weights.Checkpoint;
import dev.gyre.weights.PositionTable;

/** Pegasus (Zhang et al., 2019): pre-norm, sinusoidal positions with all sines first. */
final class Pegasus implements Family {

    private static final BartLike OPTIONS = new BartLike(
            "pegasus",
            NormPlacement.PRE,
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
