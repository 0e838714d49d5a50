package dev.gyre.transformer.family;

import dev.gyre.graph.Activation;
import dev.gyre.transformer.NormPlacement;
import dev.gyre.weights.Checkpoint;

/** BART (Lewis et al., 2019): post-norm, learned positions with two unused rows before them, normalised embeddings. */
final class Bart implements Family {

    private static final BartLike OPTIONS =
            new BartLike("bart", NormPlacement.POST, true, Activation.GELU, new BartLike.Positions.Learned(2));

    @Override
    public String name() {
        return OPTIONS.family();
    }

    @Override
    public Description describe(Config config, Checkpoint checkpoint) {
        return OPTIONS.describe(config, checkpoint);
    }
}
