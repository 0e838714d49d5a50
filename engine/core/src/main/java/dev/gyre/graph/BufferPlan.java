package dev.gyre.graph;

import dev.gyre.graph.Tensor.Value;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The place of every intermediate value in one arena. A value holds its bytes from the operation that first writes it
 * to the last that reads it, an output of the graph until the end; two values that live at the same time never overlap.
 * Sizes are the limits of the shapes, so the plan holds for every run.
 *
 * @param offsets byte offset of each value, a multiple of {@link #ALIGNMENT}
 * @param bytes the size of the arena
 */
public record BufferPlan(Map<Value, Long> offsets, long bytes) {

    /** A cache line and a vector register; also what OpenCL sub-buffers of CPU devices ask for (128 bytes at most). */
    public static final int ALIGNMENT = 128;

    public BufferPlan {
        offsets = Map.copyOf(offsets);
    }

    public long offset(Value value) {
        Long offset = offsets.get(value);
        if (offset == null) {
            throw new IllegalArgumentException("value " + value.name() + " is not in the plan");
        }
        return offset;
    }

    public static BufferPlan of(Graph graph) {
        List<Lifetime> placed = new ArrayList<>();
        for (Lifetime l : lifetimes(graph)) {
            long offset = 0;
            // Lowest gap that is free for the whole lifetime; `placed` is kept in order of offset.
            for (Lifetime other : placed) {
                if (other.overlaps(l)) {
                    if (offset + l.bytes <= other.offset) {
                        break;
                    }
                    offset = Math.max(offset, other.offset + other.bytes);
                }
            }
            l.offset = offset;
            placed.add(l);
            placed.sort(Comparator.comparingLong(p -> p.offset));
        }
        Map<Value, Long> offsets = new LinkedHashMap<>();
        placed.forEach(l -> offsets.put(l.value, l.offset));
        return new BufferPlan(
                offsets,
                placed.stream().mapToLong(l -> l.offset + l.bytes).max().orElse(0));
    }

    /** Largest first: large blocks that are placed late leave the widest gaps. */
    private static List<Lifetime> lifetimes(Graph graph) {
        Map<Value, Lifetime> lifetimes = new LinkedHashMap<>();
        for (int i = 0; i < graph.operations().size(); i++) {
            int step = i;
            Operation operation = graph.operations().get(i);
            for (Tensor t : operation.writes()) {
                if (t instanceof Value v) {
                    lifetimes.computeIfAbsent(v, _ -> new Lifetime(v, step)).last = step;
                }
            }
            for (Tensor t : operation.reads()) {
                if (t instanceof Value v) {
                    Lifetime l = lifetimes.get(v);
                    if (l == null || l.first == step) {
                        throw new IllegalArgumentException(operation.kind() + " of graph " + graph.name() + " reads "
                                + v.name() + " before anything wrote it");
                    }
                    l.last = step;
                }
            }
        }
        for (Value output : graph.outputs()) {
            Lifetime l = lifetimes.get(output);
            if (l == null) {
                throw new IllegalArgumentException(
                        "nothing writes output " + output.name() + " of graph " + graph.name());
            }
            l.last = graph.operations().size();
        }
        List<Lifetime> bySize = new ArrayList<>(lifetimes.values());
        bySize.sort(Comparator.comparingLong((Lifetime l) -> l.bytes).reversed());
        return bySize;
    }

    private static final class Lifetime {
        final Value value;
        final int first;
        final long bytes;
        int last;
        long offset;

        Lifetime(Value value, int first) {
            this.value = value;
            this.first = first;
            this.last = first;
            long size = Math.multiplyExact(value.shape().limit(), ElementType.BYTES);
            this.bytes = Math.ceilDiv(Math.max(size, 1), ALIGNMENT) * ALIGNMENT;
        }

        boolean overlaps(Lifetime other) {
            return first <= other.last && other.first <= last;
        }
    }
}
