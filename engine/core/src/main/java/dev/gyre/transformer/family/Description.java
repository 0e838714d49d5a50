package dev.gyre.transformer.family;

import dev.gyre.transformer.Transformer;
import dev.gyre.weights.Checkpoint;
import dev.gyre.weights.ComputedCheckpoint;
import dev.gyre.weights.ComputedTensor;
import java.util.List;
import java.util.function.Predicate;

/**
 * A model as its family reads it.
 *
 * @param transformer what is computed
 * @param computed tensors that a formula gives and the file need not hold
 * @param harmless names of tensors that files of this family often hold though nothing needs them
 */
public record Description(Transformer transformer, List<ComputedTensor> computed, Predicate<String> harmless) {

    public Description {
        computed = List.copyOf(computed);
    }

    /** The stored tensors together with the computed ones; closing it closes the stored ones. */
    public Checkpoint checkpoint(Checkpoint stored) {
        return computed.isEmpty() ? stored : new ComputedCheckpoint(stored, computed);
    }
}
