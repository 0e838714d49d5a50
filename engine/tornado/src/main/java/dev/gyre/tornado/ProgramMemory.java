package dev.gyre.tornado;

import dev.gyre.backend.DeviceException;
import dev.gyre.backend.MemoryPlan;
import dev.gyre.backend.WeightSource;
import dev.gyre.graph.BufferPlan;
import dev.gyre.graph.ElementType;
import dev.gyre.graph.Graph;
import dev.gyre.graph.Operation;
import dev.gyre.graph.Program;
import dev.gyre.graph.Tensor;
import dev.gyre.graph.Tensor.Input;
import dev.gyre.graph.Tensor.State;
import dev.gyre.graph.Tensor.Value;
import dev.gyre.graph.Tensor.Weight;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;
import uk.ac.manchester.tornado.api.types.arrays.TornadoNativeArray;

/**
 * The arrays of a program: one per weight and form, one per state, one arena for the intermediates of all graphs, and per
 * graph its run block and one array for each value that somebody reads.
 */
final class ProgramMemory {

    private final WeightForms forms;
    private final int width;
    private final Map<Weight, FloatArray> packed = new HashMap<>();
    private final Map<Weight, FloatArray> plain = new HashMap<>();
    private final Map<State, TornadoNativeArray> states = new HashMap<>();
    private final Map<Graph, RunBlock> blocks = new LinkedHashMap<>();
    private final Map<Graph, BufferPlan> plans = new HashMap<>();
    private final Map<Value, TornadoNativeArray> outputs = new LinkedHashMap<>();
    private final FloatArray arena;

    /** Stands for an array that a kernel does not look at. Its first element is negative infinity. */
    private final FloatArray infinity = new FloatArray(1);

    /** Stands for an array that a kernel does not write. */
    private final FloatArray unwritten = new FloatArray(1);

    private ProgramMemory(Program program, WeightForms forms, WeightSource weights, int width) {
        this.forms = forms;
        this.width = width;
        infinity.set(0, Float.NEGATIVE_INFINITY);
        forms.packed().forEach(w -> packed.put(w, packedArray(w, weights, width)));
        forms.plain().forEach(w -> plain.put(w, plainArray(w, weights)));
        program.states().forEach(s -> states.put(s, array(s)));
        for (Graph graph : program.graphs()) {
            blocks.put(graph, new RunBlock(graph));
            plans.put(graph, BufferPlan.of(graph));
            ownArrays(graph).forEach(v -> outputs.put(v, array(v)));
        }
        arena = new FloatArray(Math.toIntExact(arenaElements(program)));
    }

    /**
     * What a program takes on a device.
     *
     * @throws DeviceException if an array would be larger than TornadoVM or the device can hold
     */
    static MemoryPlan plan(Program program, WeightForms forms, long largestBuffer, String device) {
        long arena = arenaElements(program);
        long outputs = 0;
        for (Graph graph : program.graphs()) {
            for (Value v : ownArrays(graph)) {
                requireOneBuffer(v.name(), v.shape().limit(), largestBuffer, device);
                outputs += v.shape().limit();
            }
        }
        requireOneBuffer("the arena", arena, largestBuffer, device);
        forms.packed().forEach(w -> requireOneBuffer(w.name(), PackedWeight.elements(w), largestBuffer, device));
        forms.plain().forEach(w -> requireOneBuffer(w.name(), w.shape().limit(), largestBuffer, device));
        long states = 0;
        for (State s : program.states()) {
            requireOneBuffer(s.name(), s.shape().limit(), largestBuffer, device);
            states += s.shape().limit();
        }
        long inputs = program.graphs().stream()
                .flatMap(g -> g.inputs().stream())
                .mapToLong(i -> i.shape().limit())
                .sum();
        return new MemoryPlan(
                forms.elements() * ElementType.BYTES,
                states * ElementType.BYTES,
                (arena + outputs) * ElementType.BYTES,
                inputs * ElementType.BYTES);
    }

    private static void requireOneBuffer(String name, long elements, long largestBuffer, String device) {
        if (elements > Integer.MAX_VALUE || elements * ElementType.BYTES > largestBuffer) {
            throw new DeviceException(name + " has " + elements + " elements; an array on " + device
                    + " can have " + Math.min(Integer.MAX_VALUE, largestBuffer / ElementType.BYTES)
                    + ". Take a smaller batch, or the opencl backend.");
        }
    }

    /** @param width of the panels of packed weights */
    static ProgramMemory of(Program program, WeightForms forms, WeightSource weights, int width) {
        return new ProgramMemory(program, forms, weights, width);
    }

    /**
     * Values with an array of their own: what somebody reads, whatever is not float32, and what a task writes beside
     * another value, as TornadoVM takes no array for two that are written.
     */
    private static Set<Value> ownArrays(Graph graph) {
        Set<Value> own = new LinkedHashSet<>(graph.outputs());
        for (Operation operation : graph.operations()) {
            boolean apart = operation instanceof Operation.SelectTop;
            for (Tensor t : operation.writes()) {
                if (t instanceof Value v && (apart || v.type() == ElementType.INT32)) {
                    own.add(v);
                }
            }
            if (operation instanceof Operation.Attention a && a.weights() != null) {
                own.add(a.weights());
            }
        }
        return own;
    }

    private static long arenaElements(Program program) {
        long elements = 1;
        for (Graph graph : program.graphs()) {
            BufferPlan plan = BufferPlan.of(graph);
            Set<Value> own = ownArrays(graph);
            for (Map.Entry<Value, Long> e : plan.offsets().entrySet()) {
                if (!own.contains(e.getKey())) {
                    elements = Math.max(
                            elements,
                            e.getValue() / ElementType.BYTES
                                    + e.getKey().shape().limit());
                }
            }
        }
        return elements;
    }

    private static TornadoNativeArray array(Tensor tensor) {
        int elements = Math.max(1, Math.toIntExact(tensor.shape().limit()));
        return tensor.type() == ElementType.INT32 ? new IntArray(elements) : new FloatArray(elements);
    }

    private static FloatArray packedArray(Weight weight, WeightSource source, int width) {
        FloatArray array = new FloatArray(Math.toIntExact(PackedWeight.elements(weight)));
        PackedWeight.write(weight, source, array, width);
        return array;
    }

    private static FloatArray plainArray(Weight weight, WeightSource source) {
        int rows = weight.shape().rows().limit();
        int columns = weight.shape().columns();
        FloatArray array = new FloatArray(Math.max(1, Math.multiplyExact(rows, columns)));
        int step = Math.clamp(1 << 20, 1, Math.max(1, rows));
        step = Math.max(1, Math.min(step, (1 << 20) / Math.max(1, columns)));
        float[] part = new float[step * columns];
        for (int first = 0; first < rows; first += step) {
            int count = Math.min(step, rows - first);
            source.read(weight, first, count, part, 0);
            for (int i = 0; i < count * columns; i++) {
                array.set(first * columns + i, part[i]);
            }
        }
        return array;
    }

    /** Columns of a panel of packed weights. */
    int width() {
        return width;
    }

    RunBlock block(Graph graph) {
        RunBlock block = blocks.get(graph);
        if (block == null) {
            throw new IllegalArgumentException("graph " + graph.name() + " is not one of the compiled program");
        }
        return block;
    }

    /** Whether a weight lies in panels when an embedding looks at it. */
    boolean isPacked(Weight weight) {
        return packed.containsKey(weight);
    }

    FloatArray packed(Weight weight) {
        return present(packed.get(weight), weight);
    }

    FloatArray nothing() {
        return infinity;
    }

    FloatArray unwritten() {
        return unwritten;
    }

    FloatArray arena() {
        return arena;
    }

    /** The array of a value that somebody reads. */
    TornadoNativeArray output(Value value) {
        return present(outputs.get(value), value);
    }

    Floats floats(Graph graph, Tensor tensor) {
        return switch (tensor) {
            case Weight w -> new Floats(present(plain.get(w), w), 0);
            case State s -> new Floats((FloatArray) present(states.get(s), s), 0);
            case Input i ->
                new Floats(present(block(graph).floats(), i), block(graph).place(i));
            case Value v when outputs.containsKey(v) -> new Floats((FloatArray) output(v), 0);
            case Value v ->
                new Floats(arena, Math.toIntExact(present(plans.get(graph), v).offset(v) / ElementType.BYTES));
        };
    }

    Ints ints(Graph graph, Tensor tensor) {
        return switch (tensor) {
            case State s -> new Ints((IntArray) present(states.get(s), s), 0);
            case Input i -> new Ints(block(graph).ints(), block(graph).place(i));
            case Value v -> new Ints((IntArray) output(v), 0);
            case Weight w -> throw new IllegalArgumentException("weight " + w.name() + " is not int32");
        };
    }

    private static <T> T present(@Nullable T array, Tensor tensor) {
        if (array == null) {
            throw new IllegalArgumentException("tensor " + tensor.name() + " has no array");
        }
        return array;
    }
}
