package dev.gyre.transformer.family;

import dev.gyre.graph.Activation;
import dev.gyre.transformer.NormPlacement;
import dev.gyre.weights.Checkpoint;

/** mBART and mBART-50 (Liu et al., 2020): BART with pre-norm and a norm at the end of each stack. */
final class MBart implements Family {

    private static final BartLike OPTIONS =
            new BartLike("mbart", NormPlacement.PRE, true, Activation.GELU, new BartLike.Positions.Learned(2));

    @Override
    public String name() {
        return OPTIONS.family();
    }

    @Override
    public Description describe(Config config, Checkpoint checkpoint) {
        return OPTIONS.describe(config, checkpoint);
    }
}
