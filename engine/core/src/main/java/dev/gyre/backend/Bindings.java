package dev.gyre.backend;

import dev.gyre.graph.ElementType;
import dev.gyre.graph.Graph;
import dev.gyre.graph.Size;
import dev.gyre.graph.Size.Symbol;
import dev.gyre.graph.Tensor;
import dev.gyre.graph.Tensor.Input;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The sizes and inputs of one run of a graph. Made once per graph and used again for every run; arrays are not copied
 * until {@link Executable#run} does.
 */
public final class Bindings {

    private final Graph graph;
    private final List<Input> inputs;
    private final Map<String, Integer> limits = new HashMap<>();
    private final Map<String, Integer> sizes = new HashMap<>();
    private final Map<Input, Object> arrays = new HashMap<>();

    public Bindings(Graph graph) {
        this.graph = graph;
        this.inputs = graph.inputs();
        // Not all tensors of the graph: this is made for every run, and what goes in and out has the sizes.
        inputs.forEach(this::limit);
        graph.outputs().forEach(this::limit);
    }

    private void limit(Tensor tensor) {
        for (Size axis : tensor.shape().axes()) {
            switch (axis) {
                case Symbol s -> limits.putIfAbsent(s.name(), s.limit());
                case Size.Plus p ->
                    limits.putIfAbsent(p.symbol().name(), p.symbol().limit());
                case Size.Fixed _ -> {}
            }
        }
    }

    public Graph graph() {
        return graph;
    }

    /** Every input of the graph, in the order of {@link Graph#inputs()}. */
    public List<Input> inputs() {
        return inputs;
    }

    /**
     * Binds a size.
     *
     * @throws IllegalArgumentException if it is negative or above the limit that the symbol has in the graph
     */
    public Bindings size(Symbol symbol, int length) {
        int limit = limits.getOrDefault(symbol.name(), symbol.limit());
        if (length < 0 || length > limit) {
            throw new IllegalArgumentException(
                    symbol + " is " + length + ", which is not between 0 and its limit " + limit);
        }
        sizes.put(symbol.name(), length);
        return this;
    }

    /** Binds an int32 input to the first elements of an array, as many as the bound sizes say. */
    public Bindings input(Input input, int[] values) {
        require(input, ElementType.INT32);
        arrays.put(input, values);
        return this;
    }

    /** Binds a float32 input to the first elements of an array, as many as the bound sizes say. */
    public Bindings input(Input input, float[] values) {
        require(input, ElementType.FLOAT32);
        arrays.put(input, values);
        return this;
    }

    /** The bound length of an axis. */
    public int length(Size size) {
        return switch (size) {
            case Size.Fixed f -> f.length();
            case Symbol s -> {
                Integer bound = sizes.get(s.name());
                if (bound == null) {
                    throw new IllegalArgumentException("size " + s + " of graph " + graph.name() + " is not bound");
                }
                yield bound;
            }
            case Size.Plus p -> length(p.symbol()) + p.extra();
        };
    }

    /** Elements of a tensor in this run. */
    public int elements(Tensor tensor) {
        long n = 1;
        for (Size axis : tensor.shape().axes()) {
            n *= length(axis);
        }
        return Math.toIntExact(n);
    }

    /** The bound array of an int32 input; it has at least {@link #elements} elements. */
    public int[] ints(Input input) {
        int[] values = (int[]) bound(input);
        checkLength(input, values.length);
        return values;
    }

    /** The bound array of a float32 input; it has at least {@link #elements} elements. */
    public float[] floats(Input input) {
        float[] values = (float[]) bound(input);
        checkLength(input, values.length);
        return values;
    }

    private Object bound(Input input) {
        Object values = arrays.get(input);
        if (values == null) {
            throw new IllegalArgumentException("input " + input.name() + " of graph " + graph.name() + " is not bound");
        }
        return values;
    }

    private void checkLength(Input input, int length) {
        if (length < elements(input)) {
            throw new IllegalArgumentException(
                    "input " + input.name() + " has " + length + " elements; this run needs " + elements(input));
        }
    }

    private void require(Input input, ElementType type) {
        if (input.type() != type) {
            throw new IllegalArgumentException("input " + input.name() + " is " + input.type() + ", not " + type);
        }
        if (!inputs.contains(input)) {
            throw new IllegalArgumentException("graph " + graph.name() + " has no input " + input.name());
        }
    }
}
