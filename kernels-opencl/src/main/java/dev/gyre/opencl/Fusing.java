package dev.gyre.opencl;

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
        return switch (this) {
            case NOTHING -> false;
            case WHERE_IT_PAYS ->
                weightBytes >= WEIGHT_BYTES
                        && graphs.stream().anyMatch(graph -> graph.launches().size() >= LAUNCHES);
            case EVERYTHING ->
                graphs.stream().anyMatch(graph -> !graph.launches().isEmpty());
        };
    }
}
