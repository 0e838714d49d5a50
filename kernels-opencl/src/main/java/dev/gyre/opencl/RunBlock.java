package dev.gyre.opencl;

import dev.gyre.backend.Bindings;
import dev.gyre.graph.ElementType;
import dev.gyre.graph.Graph;
import dev.gyre.graph.Size;
import dev.gyre.graph.Tensor;
import dev.gyre.graph.Tensor.Input;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jocl.CL;
import org.jocl.cl_event;
import org.jocl.cl_mem;
import org.jspecify.annotations.Nullable;

/**
 * Everything that changes from run to run, in one transfer: the lengths of the sizes, the places of the inputs, then
 * the inputs one behind the other, all in int32 (floats as bits). Between places and inputs there is room for what launches need in a run. Kernels know the header's indices, which never change.
 */
final class RunBlock {

    /** Runs that may be under way before a staging buffer is used again. */
    private static final int DEPTH = 4;

    private final List<Input> inputs;
    private final Map<Size, Integer> sizes = new LinkedHashMap<>();
    private final List<Place> places = new ArrayList<>();
    private final long limit;
    private final ByteBuffer[] staging = new ByteBuffer[DEPTH];
    private final @Nullable cl_event[] events = new @Nullable cl_event[DEPTH];
    private final int[] lengths;
    private int[] reserved = new int[0];
    private int turn;

    RunBlock(Graph graph) {
        inputs = graph.inputs();
        graph.operations().stream()
                .flatMap(o -> Stream.concat(o.reads().stream(), o.writes().stream()))
                .filter(t -> !(t instanceof Tensor.Weight) && !(t instanceof Tensor.State))
                .flatMap(t -> t.shape().axes().stream())
                .forEach(axis -> sizes.putIfAbsent(axis, sizes.size()));
        limit = inputs.stream().mapToLong(i -> i.shape().limit()).sum();
        lengths = new int[sizes.size()];
    }

    /** Where the elements of an input from the given one on are; looked up in the header, since it moves. */
    private record Place(Input input, int first) {}

    /** Elements of the buffer, known once every kernel has asked for its places. */
    private long capacity() {
        return sizes.size() + places.size() + reserved.length + limit;
    }

    /** Bytes of the buffer on the device, with the places that a graph of so many operations can ask for. */
    static long bytes(Graph graph) {
        RunBlock block = new RunBlock(graph);
        long header = block.sizes.size()
                + block.inputs.size()
                + 24L * graph.operations().size();
        return (header + block.limit) * ElementType.BYTES;
    }

    /** The header's index of a size. */
    int at(Size size) {
        Integer at = sizes.get(size);
        if (at == null) {
            throw new IllegalArgumentException("size " + size + " is not part of the graph");
        }
        return at;
    }

    /** The place of an input as kernels take it: below zero, to be looked up in the header. */
    int place(Input input, int first) {
        Place place = new Place(input, first);
        if (!places.contains(place)) {
            if (reserved.length > 0) {
                throw new IllegalStateException("places come before what is reserved");
            }
            places.add(place);
        }
        return ~(sizes.size() + places.indexOf(place));
    }

    /** Room for numbers of a run that are no lengths, places or inputs; returns the index of the first. */
    int reserve(int count) {
        int at = sizes.size() + places.size() + reserved.length;
        reserved = new int[reserved.length + count];
        return at;
    }

    /** Sets numbers of the next run, where there is room for them. */
    void put(int at, int[] numbers) {
        System.arraycopy(numbers, 0, reserved, at - sizes.size() - places.size(), numbers.length);
    }

    /** The length in the last run of the size with this index. */
    int length(int at) {
        return lengths[at];
    }

    /** Takes the lengths of a run, which are to be sent next. */
    void take(Bindings bindings) {
        sizes.forEach((size, at) -> lengths[at] = bindings.length(size));
    }

    /** Packs the numbers and inputs of a run and sends them on their way. */
    void send(Bindings bindings, Queue queue, cl_mem buffer) {
        turn = (turn + 1) % DEPTH;
        awaitTurn();
        ByteBuffer block = staging[turn];
        if (block == null) {
            block = ByteBuffer.allocateDirect(Math.toIntExact(capacity() * ElementType.BYTES))
                    .order(ByteOrder.nativeOrder());
            staging[turn] = block;
        }
        int at = pack(bindings, block);
        events[turn] = queue.enqueueWrite(buffer, block.position(0), at * ElementType.BYTES);
    }

    private int pack(Bindings bindings, ByteBuffer block) {
        var ints = block.clear().asIntBuffer();
        ints.put(0, lengths);
        int at = sizes.size() + places.size();
        ints.put(at, reserved);
        at += reserved.length;
        for (Input input : inputs) {
            int count = bindings.elements(input);
            for (int i = 0; i < places.size(); i++) {
                if (places.get(i).input().equals(input)) {
                    ints.put(sizes.size() + i, at + places.get(i).first());
                }
            }
            if (input.type() == ElementType.INT32) {
                ints.put(at, bindings.ints(input), 0, count);
            } else {
                block.position(at * ElementType.BYTES).order(ByteOrder.nativeOrder());
                block.asFloatBuffer().put(bindings.floats(input), 0, count);
            }
            at += count;
        }
        return at;
    }

    private void awaitTurn() {
        cl_event event = events[turn];
        if (event != null) {
            CL.clWaitForEvents(1, new cl_event[] {event});
            CL.clReleaseEvent(event);
            events[turn] = null;
        }
    }

    /** Frees the events; nothing may be under way. */
    void close() {
        for (int i = 0; i < DEPTH; i++) {
            turn = i;
            awaitTurn();
        }
    }
}
