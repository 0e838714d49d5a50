package dev.gyre.conformance;

import dev.gyre.backend.Bindings;
import dev.gyre.graph.ElementType;
import dev.gyre.graph.Graph;
import dev.gyre.graph.Size.Symbol;
import dev.gyre.graph.Tensor.Input;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/**
 * One run of a graph: sizes, and inputs. Float inputs that are not given are noise in [-1, 1). Behind the elements that
 * a run may read, every array ends in poison, so that reading too far shows.
 */
final class Run {

    private static final int POISON = 5;

    private final Graph graph;
    private final long seed;
    private final Map<Symbol, Integer> sizes = new HashMap<>();
    private final Map<Input, int[]> ints = new HashMap<>();
    private final Map<Input, float[]> floats = new HashMap<>();

    Run(Graph graph, long seed) {
        this.graph = graph;
        this.seed = seed;
    }

    Graph graph() {
        return graph;
    }

    Run size(Symbol symbol, int length) {
        sizes.put(symbol, length);
        return this;
    }

    /** Whole numbers, for an input of either type. */
    Run input(Input input, int... values) {
        if (input.type() == ElementType.FLOAT32) {
            float[] whole = new float[values.length];
            for (int i = 0; i < values.length; i++) {
                whole[i] = values[i];
            }
            return input(input, whole);
        }
        int[] poisoned = Arrays.copyOf(values, values.length + POISON);
        Arrays.fill(poisoned, values.length, poisoned.length, Integer.MIN_VALUE);
        ints.put(input, poisoned);
        return this;
    }

    Run input(Input input, float... values) {
        float[] poisoned = Arrays.copyOf(values, values.length + POISON);
        Arrays.fill(poisoned, values.length, poisoned.length, Float.NaN);
        floats.put(input, poisoned);
        return this;
    }

    /** The same with floats that bfloat16 holds exactly. */
    Run shortened() {
        bindings();
        Run run = new Run(graph, seed);
        run.sizes.putAll(sizes);
        run.ints.putAll(ints);
        floats.forEach((input, values) -> {
            float[] cut = values.clone();
            for (int i = 0; i < cut.length; i++) {
                cut[i] = cut(cut[i]);
            }
            run.floats.put(input, cut);
        });
        return run;
    }

    static float cut(float value) {
        return Float.intBitsToFloat(Float.floatToRawIntBits(value) & 0xffff0000);
    }

    Bindings bindings() {
        Bindings bindings = new Bindings(graph);
        sizes.forEach(bindings::size);
        for (Input input : bindings.inputs()) {
            if (input.type() == ElementType.INT32) {
                int[] values = ints.get(input);
                if (values == null) {
                    throw new IllegalStateException("the case gives no values for " + input.name());
                }
                bindings.input(input, values);
            } else {
                floats.computeIfAbsent(
                        input,
                        i -> Arrays.copyOf(
                                Noise.floats(seed + i.name().hashCode(), bindings.elements(i), 1),
                                bindings.elements(i)));
                bindings.input(input, floats.get(input));
            }
        }
        return bindings;
    }
}
