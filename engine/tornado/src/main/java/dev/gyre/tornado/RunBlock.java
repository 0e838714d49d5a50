package dev.gyre.tornado;

import dev.gyre.backend.Bindings;
import dev.gyre.graph.ElementType;
import dev.gyre.graph.Graph;
import dev.gyre.graph.Operation;
import dev.gyre.graph.Size;
import dev.gyre.graph.Tensor;
import dev.gyre.graph.Tensor.Input;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;
import uk.ac.manchester.tornado.api.types.arrays.TornadoNativeArray;

/**
 * What changes from run to run, in one small array that goes up once before every run, and in a second one where a graph
 * has float32 inputs; a first task graph of every run copies them to where all others find them:
 *
 * <pre>
 *   | lengths of the sizes | input 0, as long as it can be | input 1 | ...
 * </pre>
 *
 * TornadoVM writes scalars into the source of a kernel: a length that were a parameter would be compiled anew for every
 * batch.
 */
final class RunBlock {

    private final Map<Size, Integer> lengths = new LinkedHashMap<>();
    private final Map<Input, Integer> places = new LinkedHashMap<>();
    private final IntArray ints;
    private final @Nullable FloatArray floats;
    private final IntArray stagedInts;
    private final @Nullable FloatArray stagedFloats;

    RunBlock(Graph graph) {
        graph.operations().stream()
                .flatMap(RunBlock::tensors)
                .flatMap(t -> t.shape().axes().stream())
                .forEach(size -> lengths.putIfAbsent(size, lengths.size()));
        int intEnd = lengths.size();
        int floatEnd = 0;
        for (Input input : graph.inputs()) {
            int limit = Math.toIntExact(input.shape().limit());
            if (input.type() == ElementType.INT32) {
                places.put(input, intEnd);
                intEnd = Math.addExact(intEnd, limit);
            } else {
                places.put(input, floatEnd);
                floatEnd = Math.addExact(floatEnd, limit);
            }
        }
        // Before the first run every length is 0.
        ints = new IntArray(intEnd);
        floats = floatEnd == 0 ? null : new FloatArray(floatEnd);
        stagedInts = new IntArray(intEnd);
        stagedFloats = floatEnd == 0 ? null : new FloatArray(floatEnd);
    }

    private static Stream<Tensor> tensors(Operation operation) {
        return Stream.concat(operation.reads().stream(), operation.writes().stream());
    }

    IntArray ints() {
        return ints;
    }

    @Nullable
    FloatArray floats() {
        return floats;
    }

    /** Everything that goes up before a run. */
    List<TornadoNativeArray> staged() {
        return stagedFloats == null ? List.of(stagedInts) : List.of(stagedInts, stagedFloats);
    }

    /** Where the kernels of all task graphs find it, in the order of {@link #staged}. */
    List<TornadoNativeArray> arrays() {
        return floats == null ? List.of(ints) : List.of(ints, floats);
    }

    /** Where a kernel finds the length of an axis. */
    int length(Size size) {
        Integer place = lengths.get(size);
        if (place == null) {
            throw new IllegalArgumentException("size " + size + " is not in the run block");
        }
        return place;
    }

    /** Where an input begins: in {@link #ints} or {@link #floats}, by its type. */
    int place(Input input) {
        Integer place = places.get(input);
        if (place == null) {
            throw new IllegalArgumentException("input " + input.name() + " is not in the run block");
        }
        return place;
    }

    /**
     * Writes what a run has bound.
     *
     * @throws IllegalArgumentException if something is not bound
     */
    void fill(Bindings bindings) {
        lengths.forEach((size, place) -> stagedInts.set(place, bindings.length(size)));
        MemorySegment intSegment = stagedInts.getSegmentWithHeader();
        for (Map.Entry<Input, Integer> e : places.entrySet()) {
            Input input = e.getKey();
            int elements = bindings.elements(input);
            long at = TornadoNativeArray.ARRAY_HEADER + (long) ElementType.BYTES * e.getValue();
            if (input.type() == ElementType.INT32) {
                MemorySegment.copy(bindings.ints(input), 0, intSegment, ValueLayout.JAVA_INT, at, elements);
            } else if (stagedFloats != null) {
                MemorySegment segment = stagedFloats.getSegmentWithHeader();
                MemorySegment.copy(bindings.floats(input), 0, segment, ValueLayout.JAVA_FLOAT, at, elements);
            }
        }
    }
}
