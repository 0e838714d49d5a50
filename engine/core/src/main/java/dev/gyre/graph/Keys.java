package dev.gyre.graph;

/**
 * Which key and value rows each query row of an {@link Operation.Attention} looks at, in their order. Where query and
 * keys are of the same sequence, {@link #placesQuery} says so, and the query has a position among its keys, from which
 * a {@link PositionBias} counts.
 */
public sealed interface Keys {

    /** Whether the query has a position among its keys. */
    default boolean placesQuery() {
        return true;
    }

    /**
     * Queries and keys are the same packed rows: sequence {@code s} is rows {@code offsets[s]} to
     * {@code offsets[s+1]-1}. Row {@code r} is at position {@code r - offsets[s]}.
     *
     * @param offsets int32 {@code [SEQUENCES+1]}, ascending from 0 to the number of rows
     * @param causal a row sees only itself and the rows of its sequence before it
     */
    record Packed(Tensor offsets, boolean causal) implements Keys {}

    /**
     * Query row {@code r} sees key rows {@code first[r]} to {@code end[r]-1}: the memory of its source. Beams of one
     * source are neighbouring rows with equal ranges, which a backend may use. The query is of another sequence than
     * its keys and has no position among them, so that there is no {@link PositionBias}.
     *
     * @param first int32 {@code [ROWS]}
     * @param end int32 {@code [ROWS]}
     */
    record Range(Tensor first, Tensor end) implements Keys {
        @Override
        public boolean placesQuery() {
            return false;
        }
    }

    /**
     * Query row {@code r} sees {@code length[r]} rows of a slot cache; for position {@code p} it is row
     * {@code ancestry[line[r]][p] * positions + p}. So a beam that is reordered changes indices, never the cache. The
     * query is at the last of them, {@code length[r]-1}.
     *
     * @param ancestry int32 {@code [lines, positions]}: the slot that holds each position of a hypothesis
     * @param line int32 {@code [ROWS]}
     * @param length int32 {@code [ROWS]}
     */
    record Ancestry(Tensor ancestry, Tensor line, Tensor length) implements Keys {
        /** Positions of a slot. */
        public int positions() {
            return ancestry.shape().columns();
        }
    }
}
