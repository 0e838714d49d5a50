package dev.gyre.transformer.family;

import dev.gyre.weights.Checkpoint;

/** A kind of model that Gyre knows: how its configuration and its tensors' names become a Transformer. */
public interface Family {

    /** {@code model_type} of config.json, or the name of the format. */
    String name();

    /**
     * Describes a model. Only the configuration and the names and shapes of tensors are looked at, no numbers but
     * scalars.
     *
     * @throws dev.gyre.weights.ModelFormatException if a field is missing or out of range, or contradicts the tensors
     */
    Description describe(Config config, Checkpoint checkpoint);
}
