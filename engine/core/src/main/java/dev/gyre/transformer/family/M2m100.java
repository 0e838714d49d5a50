package dev.gyre.transformer.family;

import dev.gyre.graph.Activation;
import dev.gyre.transformer.NormPlacement;
import dev.gyre.weights.Checkpoint;

/**
 * M2M-100 and NLLB-200 (Fan et al., 2020; NLLB team, 2022): pre-norm, fairseq's sinusoidal positions, which begin behind
 * the padding id.
 */
final class M2m100 implements Family {

    private static final BartLike OPTIONS =
            new BartLike("m2m_100", NormPlacement.PRE, false, Activation.RELU, new BartLike.Positions.BehindPadding());

    @Override
    public String name() {
        return OPTIONS.family();
    }

    @Override
    public Description describe(Config config, Checkpoint checkpoint) {
        return OPTIONS.describe(config, checkpoint);
    }
}
