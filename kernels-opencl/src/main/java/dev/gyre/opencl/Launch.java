package dev.gyre.opencl;

import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.OptionalInt;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.jocl.cl_kernel;
import org.jspecify.annotations.Nullable;

/**
 * One operation of a graph: the calls that do it; only the rows of a run are missing. Where more than one kernel can do
 * it, each takes a class of row counts.
 *
 * @param what the operation, for people
 * @param rowsAt index in the run block of the number of rows; with no rows nothing is launched
 * @param variants by ascending {@link Variant#mostRows}
 * @param when whether there is anything to do in a run, by its lengths
 */
record Launch(String what, int rowsAt, List<Variant> variants, Predicate<RunBlock> when) {

    Launch {
        variants = List.copyOf(variants);
    }

    /** In every run. */
    Launch(String what, int rowsAt, List<Variant> variants) {
        this(what, rowsAt, variants, _ -> true);
    }

    /** The same, but only in some runs. */
    Launch only(Predicate<RunBlock> when) {
        return new Launch(what, rowsAt, variants, when);
    }

    /** Global ids for a number of rows, written into an array of as many dimensions as the local sizes have. */
    interface Grid {
        void cover(int rows, long[] global);
    }

    /**
     * A kernel for up to so many rows.
     *
     * @param call null where there is nothing to do for these
     * @param local work-items of a group per dimension; every global size is a multiple of it
     */
    record Variant(int mostRows, @Nullable Call call, long[] local, Grid grid) {

        /** Nothing up to so many rows: another launch does it. */
        static Variant nothing(int mostRows) {
            return new Variant(mostRows, null, new long[0], (_, _) -> {});
        }

        static Variant always(Call call, long[] local, Grid grid) {
            return new Variant(Integer.MAX_VALUE, call, local, grid);
        }

        /** Work-items per dimension. */
        long[] global(int rows) {
            long[] global = new long[local.length];
            grid.cover(rows, global);
            return global;
        }
    }

    /** A kernel with its sizes for one run. */
    record Ready(String what, cl_kernel kernel, long[] global, long[] local) {
        @Override
        public String toString() {
            return what + " over " + Arrays.toString(global) + " in groups of " + Arrays.toString(local);
        }
    }

    /** Index of the variant for a run; empty if there is nothing to do. */
    OptionalInt variant(RunBlock run) {
        int rows = run.length(rowsAt);
        if (rows == 0 || !when.test(run)) {
            return OptionalInt.empty();
        }
        for (int i = 0; i < variants.size(); i++) {
            if (rows <= variants.get(i).mostRows) {
                return variants.get(i).call == null ? OptionalInt.empty() : OptionalInt.of(i);
            }
        }
        throw new IllegalStateException(what + " has no kernel for " + rows + " rows");
    }

    /** Every call, of all variants. */
    Stream<Call> calls() {
        return variants.stream().map(Variant::call).filter(Objects::nonNull);
    }
}
