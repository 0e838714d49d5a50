package dev.gyre.opencl;

import dev.gyre.graph.BufferPlan;
import dev.gyre.graph.Columns;
import dev.gyre.graph.ElementType;
import dev.gyre.graph.Size;
import dev.gyre.graph.Tensor;
import org.jocl.cl_mem;

/** Where the tensors of one graph are: a buffer, and a place in it in elements. */
final class Places {

    /**
     * An argument of a kernel.
     *
     * @param at elements from the buffer's start; below zero, {@code ~at} is the run block's index of the place
     */
    record Place(cl_mem buffer, int at) {}

    private final RunBlock run;
    private final cl_mem runBuffer;
    private final BufferPlan plan;
    private final cl_mem arena;
    private final Residents residents;

    Places(RunBlock run, cl_mem runBuffer, BufferPlan plan, cl_mem arena, Residents residents) {
        this.run = run;
        this.runBuffer = runBuffer;
        this.plan = plan;
        this.arena = arena;
        this.residents = residents;
    }

    cl_mem run() {
        return runBuffer;
    }

    int at(Size size) {
        return run.at(size);
    }

    Place of(Tensor tensor) {
        return of(tensor, 0);
    }

    Place of(Columns columns) {
        return of(columns.tensor(), columns.first());
    }

    /** A weight that products use. */
    Place panels(Tensor.Weight weight) {
        return new Place(residents.weight(weight, Layout.PANELS), 0);
    }

    boolean hasRows(Tensor.Weight weight) {
        return residents.holds(weight, Layout.ROWS);
    }

    private Place of(Tensor tensor, int first) {
        return switch (tensor) {
            case Tensor.Weight w -> new Place(residents.weight(w, Layout.ROWS), first);
            case Tensor.State s -> new Place(residents.state(s), first);
            case Tensor.Input i -> new Place(runBuffer, run.place(i, first));
            case Tensor.Value v -> new Place(arena, Math.toIntExact(plan.offset(v) / ElementType.BYTES + first));
        };
    }
}
