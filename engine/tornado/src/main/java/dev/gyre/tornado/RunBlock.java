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
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;
import uk.ac.manchester.tornado.api.types.arrays.TornadoNativeArray;

/**
 * What changes from run to run, in one small array where all task graphs find it, and in a second one where a graph has
 * float32 inputs:
 *
 * <pre>
 *   | lengths of the sizes | input 0, as long as it can be | input 1 | ...
 * </pre>
 *
 * <p>A run sends what it has bound, and no more: TornadoVM uploads whole arrays, so there is a {@link Parcel} of every
 * size, each four times the one before, and the first task graph of a run unpacks the smallest that holds it:
 *
 * <pre>
 *   | elements of segment 0 | of segment 1 | ... | segment 0: the lengths | segment 1: input 0 | ...
 * </pre>
 *
 * TornadoVM writes scalars into the source of a kernel: a length that were a parameter would be compiled anew for every
 * batch.
 */
final class RunBlock {

    /** Elements of the smallest parcel, at least. */
    private static final int SMALLEST = 256;

    private static final int GROWTH = 4;

    /** An array that goes up whole. */
    record Parcel(int index, IntArray array) {

        long bytes() {
            return array.getNumBytesOfSegmentWithHeader();
        }
    }

    /**
     * What is unpacked from a parcel.
     *
     * @param at where it begins, in {@link #ints} or {@link #floats}
     */
    record Segment(boolean isFloat, int at) {}

    private final Map<Size, Integer> lengths = new LinkedHashMap<>();
    private final Map<Input, Integer> places = new LinkedHashMap<>();
    private final IntArray ints;
    private final @Nullable FloatArray floats;
    private final List<Parcel> parcels = new ArrayList<>();

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
        int most = Math.addExact(Math.addExact(1 + places.size(), intEnd), floatEnd);
        for (long size = SMALLEST; ; size *= GROWTH) {
            parcels.add(new Parcel(parcels.size(), new IntArray((int) Math.min(size, most))));
            if (size >= most) {
                break;
            }
        }
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

    /** By ascending size. */
    List<Parcel> parcels() {
        return parcels;
    }

    /** What a parcel brings, in its order. */
    List<Segment> segments() {
        List<Segment> segments = new ArrayList<>();
        segments.add(new Segment(false, 0));
        places.forEach((input, at) -> segments.add(new Segment(input.type() == ElementType.FLOAT32, at)));
        return segments;
    }

    /** Where the kernels of all task graphs find it. */
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
     * Packs what a run has bound into the smallest parcel that holds it.
     *
     * @throws IllegalArgumentException if something is not bound
     */
    Parcel fill(Bindings bindings) {
        int header = 1 + places.size();
        long all = (long) header + lengths.size();
        for (Input input : places.keySet()) {
            all += bindings.elements(input);
        }
        Parcel parcel = smallest(all);
        IntArray array = parcel.array();
        array.set(0, lengths.size());
        int segment = 1;
        int at = header;
        for (Size size : lengths.keySet()) {
            array.set(at++, bindings.length(size));
        }
        MemorySegment memory = array.getSegmentWithHeader();
        for (Input input : places.keySet()) {
            int elements = bindings.elements(input);
            array.set(segment++, elements);
            long offset = TornadoNativeArray.ARRAY_HEADER + (long) ElementType.BYTES * at;
            if (input.type() == ElementType.INT32) {
                MemorySegment.copy(bindings.ints(input), 0, memory, ValueLayout.JAVA_INT, offset, elements);
            } else {
                MemorySegment.copy(bindings.floats(input), 0, memory, ValueLayout.JAVA_FLOAT, offset, elements);
            }
            at += elements;
        }
        return parcel;
    }

    private Parcel smallest(long elements) {
        for (Parcel parcel : parcels) {
            if (parcel.array().getSize() >= elements) {
                return parcel;
            }
        }
        throw new IllegalArgumentException("a run has " + elements + " numbers, more than the "
                + parcels.getLast().array().getSize() + " that its inputs can have");
    }
}
