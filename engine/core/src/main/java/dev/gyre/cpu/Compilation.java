package dev.gyre.cpu;

import dev.gyre.graph.BufferPlan;
import dev.gyre.graph.ElementType;
import dev.gyre.graph.Graph;
import dev.gyre.graph.Keys;
import dev.gyre.graph.Operation;
import dev.gyre.graph.Size;
import dev.gyre.graph.Tensor;
import dev.gyre.graph.Tensor.Value;
import dev.gyre.graph.Tensor.Weight;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;

/** What the operations of one graph need to know: where every tensor lies, and who does the work. */
final class Compilation {

    private final Kernels kernels;
    private final WorkerPool pool;
    private final ModelWeights weights;
    private final RunSizes sizes;
    private final Map<Tensor, Floats> floats = new HashMap<>();
    private final Map<Tensor, int[]> ints = new HashMap<>();
    private Scratch scratch = new Scratch(1, Scratch.Need.NONE);

    Compilation(
            Graph graph,
            Kernels kernels,
            WorkerPool pool,
            ModelWeights weights,
            Map<Tensor, Floats> floatStates,
            Map<Tensor, int[]> intStates) {
        this.kernels = kernels;
        this.pool = pool;
        this.weights = weights;
        this.sizes = new RunSizes(graph);
        floats.putAll(floatStates);
        ints.putAll(intStates);
        for (Tensor.Input input : graph.inputs()) {
            allocate(input);
        }
        placeValues(graph);
    }

    private void allocate(Tensor tensor) {
        int elements = Math.toIntExact(tensor.shape().limit());
        if (tensor.type() == ElementType.INT32) {
            ints.put(tensor, new int[elements]);
        } else {
            floats.put(tensor, new Floats(new float[elements], 0));
        }
    }

    /** All float32 values in one array as planned, or each in its own where one array cannot be so long. */
    private void placeValues(Graph graph) {
        BufferPlan plan = BufferPlan.of(graph);
        long elements = PackedWeight.START + plan.bytes() / Float.BYTES;
        boolean fits = elements <= Integer.MAX_VALUE - 8;
        float[] arena = new float[fits ? (int) elements : 0];
        for (Value value : plan.offsets().keySet()) {
            if (fits && value.type() == ElementType.FLOAT32) {
                floats.put(value, new Floats(arena, PackedWeight.START + (int) (plan.offset(value) / Float.BYTES)));
            } else {
                allocate(value);
            }
        }
    }

    Step step(Operation operation) {
        return switch (operation) {
            case Operation.Embed e -> new EmbedStep(this, e);
            case Operation.Linear l -> new LinearStep(this, l);
            case Operation.Norm n -> new NormStep(this, n);
            case Operation.Attention a ->
                switch (a.keys()) {
                    case Keys.Packed p -> new PackedAttentionStep(this, a, p);
                    case Keys.Range r -> LookupAttentionStep.of(this, a, r);
                    case Keys.Ancestry y -> LookupAttentionStep.of(this, a, y);
                };
            case Operation.AppendCache c -> new RowSteps.Append(this, c);
            case Operation.AdvanceAncestry a -> new RowSteps.Advance(this, a);
            case Operation.Gather g -> new RowSteps.Gather(this, g);
            case Operation.Rope r -> new RowSteps.Rope(this, r);
            case Operation.Gate g -> new RowSteps.Gate(this, g);
            case Operation.Activate a -> new RowSteps.Activate(this, a);
            case Operation.Add a -> new RowSteps.Add(this, a);
            case Operation.SelectTop s -> new SelectStep(this, s);
        };
    }

    Kernels kernels() {
        return kernels;
    }

    WorkerPool pool() {
        return pool;
    }

    ModelWeights weights() {
        return weights;
    }

    RunSizes sizes() {
        return sizes;
    }

    RunSizes.Length length(Size size) {
        return sizes.length(size);
    }

    Scratch scratch() {
        return scratch;
    }

    void use(Scratch shared) {
        scratch = shared;
    }

    Floats floats(Tensor tensor) {
        if (tensor instanceof Weight weight) {
            return new Floats(weights.plain(weight), 0);
        }
        return Objects.requireNonNull(floats.get(tensor), tensor.name());
    }

    int[] ints(Tensor tensor) {
        return Objects.requireNonNull(ints.get(tensor), tensor.name());
    }
}
