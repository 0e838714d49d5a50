package dev.gyre.backend;

import dev.gyre.graph.BufferPlan;
import dev.gyre.graph.ElementType;
import dev.gyre.graph.Program;

/**
 * Bytes on a device by purpose, known before anything is uploaded.
 *
 * @param weights constants, as the device stores them
 * @param states caches
 * @param arena intermediates of the graph that needs most, or of all graphs where they do not share
 * @param inputs staging for inputs
 */
public record MemoryPlan(long weights, long states, long arena, long inputs) {

    public long total() {
        return weights + states + arena + inputs;
    }

    /** The plan of a program whose weights are float32 and whose graphs share one arena. */
    public static MemoryPlan of(Program program) {
        long weights = program.weights().stream()
                .mapToLong(w -> w.shape().limit() * ElementType.BYTES)
                .sum();
        return of(program, weights);
    }

    /** The plan of a program whose weights take so many bytes and whose graphs share one arena. */
    public static MemoryPlan of(Program program, long weights) {
        long states = program.states().stream()
                .mapToLong(s -> s.shape().limit() * ElementType.BYTES)
                .sum();
        long arena = program.graphs().stream()
                .mapToLong(g -> BufferPlan.of(g).bytes())
                .max()
                .orElse(0);
        long inputs = program.graphs().stream()
                .flatMap(g -> g.inputs().stream())
                .mapToLong(i -> i.shape().limit() * ElementType.BYTES)
                .sum();
        return new MemoryPlan(weights, states, arena, inputs);
    }

    /** Throws if the plan is above a limit; 0 is no limit. */
    public void requireWithin(long limit, String device) {
        if (limit > 0 && total() > limit) {
            throw new OutOfMemoryException(this, limit, device);
        }
    }
}
