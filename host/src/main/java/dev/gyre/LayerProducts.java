package dev.gyre;

import dev.gyre.backend.Bindings;
import dev.gyre.backend.Device;
import dev.gyre.backend.Executable;
import dev.gyre.graph.ElementType;
import dev.gyre.graph.Graph;
import dev.gyre.graph.GraphBuilder;
import dev.gyre.graph.Program;
import dev.gyre.graph.Shape;
import dev.gyre.graph.Tensor.State;
import dev.gyre.graph.Tensor.Value;
import dev.gyre.graph.Tensor.Weight;
import dev.gyre.transformer.Layer;
import dev.gyre.transformer.Projection;
import dev.gyre.transformer.Stack;
import dev.gyre.transformer.Transformer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The products of a step through the last layer of a model, to measure devices with: some rows, each product with a weight of
 * its own, as a decoder reads them.
 */
record LayerProducts(List<Product> products) {

    /** {@code columns} of the result, {@code inner} summands of each. */
    record Product(int columns, int inner) {
        @Override
        public String toString() {
            return columns + "x" + inner;
        }
    }

    /** As in a batch of so many sentences. */
    private static final int ROWS = 32;

    /** A weight is cut off there, so that large models are not measured with gigabytes. */
    private static final int MOST_ELEMENTS = 1 << 23;

    private static final long ENOUGH_NANOS = 200_000_000L;
    private static final int LEAST_RUNS = 5;

    static LayerProducts of(Transformer model) {
        Stack stack = Objects.requireNonNull(model.decoder() == null ? model.encoder() : model.decoder());
        Layer layer = stack.layers().getLast();
        List<@Nullable Projection> all = new ArrayList<>(List.of(
                layer.self().query(),
                layer.self().key(),
                layer.self().value(),
                layer.self().output()));
        if (layer.cross() != null) {
            // Keys and values of the source are computed once, not in every step.
            all.add(layer.cross().query());
            all.add(layer.cross().output());
        }
        all.addAll(Arrays.asList(
                layer.feedForward().up(),
                layer.feedForward().gate(),
                layer.feedForward().down()));
        return new LayerProducts(all.stream()
                .filter(Objects::nonNull)
                .map(p -> p.weight().shape())
                .map(s -> new Product(Math.min(s.rows().limit(), MOST_ELEMENTS / s.columns()), s.columns()))
                .toList());
    }

    /** The products in one word, equal for models with equal layers. */
    String key() {
        return products.stream().map(Product::toString).collect(Collectors.joining(","));
    }

    /** The least seconds that a device takes for all of them, of at least five runs after two that are not counted. */
    double seconds(Device device) {
        GraphBuilder builder = new GraphBuilder("calibration");
        List<State> inputs = products.stream()
                .map(Product::inner)
                .distinct()
                .map(k -> new State("x" + k, ElementType.FLOAT32, Shape.of(ROWS, k)))
                .toList();
        Value last = null;
        for (int i = 0; i < products.size(); i++) {
            Product p = products.get(i);
            State x = inputs.stream()
                    .filter(s -> s.shape().columns() == p.inner())
                    .findFirst()
                    .orElseThrow();
            last = builder.linear(x, Weight.matrix("w" + i, p.columns(), p.inner()), null);
        }
        Value out = builder.output(Objects.requireNonNull(last, "a layer has products"));
        Graph graph = builder.build();
        // Zeros cost as much as other numbers.
        try (Executable ready = device.compile(
                new Program("calibration", List.of(graph)),
                (weight, first, rows, to, offset) ->
                        Arrays.fill(to, offset, offset + rows * weight.shape().columns(), 0f))) {
            Bindings bindings = new Bindings(graph);
            float[] one = new float[1];
            long least = Long.MAX_VALUE;
            long start = System.nanoTime();
            for (int run = -2; run < LEAST_RUNS || System.nanoTime() - start < ENOUGH_NANOS; run++) {
                long from = System.nanoTime();
                ready.run(bindings);
                ready.read(out, one, 1);
                if (run >= 0) {
                    least = Math.min(least, System.nanoTime() - from);
                }
            }
            return least / 1e9;
        }
    }
}
