package dev.gyre.opencl;

import dev.gyre.graph.Program;
import java.util.Collection;

/** Which programs have their launches sent as one, see steps.cl. */
enum Fusing {
    NOTHING,
    /** Every set of kernels is compiled by itself, which a few launches or weights like those of a test are not worth. */
    WHERE_IT_PAYS,
    EVERYTHING;

    private static final int LAUNCHES = 16;
    private static final long WEIGHT_BYTES = 1L << 20;

    boolean takes(Collection<CompiledGraph> graphs, long weightBytes) {
        return isLargeEnough(weightBytes)
                && graphs.stream().anyMatch(graph -> graph.launches().size() >= leastLaunches());
    }

    /** Before the launches are known, for the plan of the memory: false only where {@link #takes} will be. */
    boolean mayTake(Program program, long weightBytes) {
        return isLargeEnough(weightBytes)
                && program.graphs().stream()
                        .anyMatch(graph -> Submissions.LAUNCHES_OF_AN_OPERATION
                                        * graph.operations().size()
                                >= leastLaunches());
    }

    private boolean isLargeEnough(long weightBytes) {
        return this == EVERYTHING || this == WHERE_IT_PAYS && weightBytes >= WEIGHT_BYTES;
    }

    private int leastLaunches() {
        return this == EVERYTHING ? 1 : LAUNCHES;
    }
}
