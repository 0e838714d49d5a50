package dev.gyre.transformer;

import dev.gyre.graph.Tensor.Weight;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** {@code x·weightᵀ + bias}; weight {@code [out, in]}, bias {@code [out]}. */
public record Projection(Weight weight, @Nullable Weight bias) {

    /** A projection whose tensors are {@code NAME.weight} and {@code NAME.bias}. */
    public static Projection biased(String name, int outputs, int inputs) {
        return new Projection(Weight.matrix(name + ".weight", outputs, inputs), Weight.vector(name + ".bias", outputs));
    }

    /** A projection whose tensor is {@code NAME.weight}. */
    public static Projection unbiased(String name, int outputs, int inputs) {
        return new Projection(Weight.matrix(name + ".weight", outputs, inputs), null);
    }

    /** Several projections of the same rows as one, results side by side. All have a bias or none has. */
    static Projection stack(Projection... parts) {
        List<Projection> all = Arrays.asList(parts);
        boolean biased = all.getFirst().bias != null;
        if (all.stream().anyMatch(p -> (p.bias != null) != biased)) {
            throw new IllegalArgumentException("projections with and without bias cannot be stacked: "
                    + all.stream().map(p -> p.weight.name()).toList());
        }
        return new Projection(
                Weight.stack(all.stream().map(Projection::weight).toList()),
                biased
                        ? Weight.stack(all.stream()
                                .map(p -> Objects.requireNonNull(p.bias))
                                .toList())
                        : null);
    }

    /** Columns of the result. */
    public int outputs() {
        return weight.shape().rows().limit();
    }
}
