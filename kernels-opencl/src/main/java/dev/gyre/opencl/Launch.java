package dev.gyre.opencl;

import dev.gyre.backend.DeviceException;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.jocl.CL;
import org.jocl.cl_kernel;
import org.jspecify.annotations.Nullable;

/**
 * One operation of a graph, ready to be enqueued: its arguments are set, only the rows of a run are missing. Where more
 * than one kernel can do it, each takes a class of row counts.
 *
 * @param what the operation, for people
 * @param rowsAt index in the run block of the number of rows; with no rows nothing is launched
 * @param variants by ascending {@link Variant#mostRows}
 */
record Launch(String what, int rowsAt, List<Variant> variants) {

    Launch {
        variants = List.copyOf(variants);
    }

    /** Global ids for a number of rows, written into an array of as many dimensions as the local sizes have. */
    interface Grid {
        void cover(int rows, long[] global);
    }

    /**
     * A kernel for up to so many rows.
     *
     * @param kernel null where there is nothing to do for these
     * @param local work-items of a group per dimension; every global size is a multiple of it
     */
    record Variant(int mostRows, @Nullable cl_kernel kernel, long[] local, Grid grid) {

        /** Nothing up to so many rows: another launch does it. */
        static Variant nothing(int mostRows) {
            return new Variant(mostRows, null, new long[0], (_, _) -> {});
        }

        static Variant always(cl_kernel kernel, long[] local, Grid grid) {
            return new Variant(Integer.MAX_VALUE, kernel, local, grid);
        }
    }

    /** A kernel with its sizes for one run. */
    record Ready(String what, cl_kernel kernel, long[] global, long[] local) {
        @Override
        public String toString() {
            return what + " over " + Arrays.toString(global) + " in groups of " + Arrays.toString(local);
        }
    }

    void enqueue(RunBlock run, Queue queue) {
        int rows = run.length(rowsAt);
        if (rows == 0) {
            return;
        }
        for (Variant variant : variants) {
            if (rows <= variant.mostRows) {
                if (variant.kernel == null) {
                    return;
                }
                long[] global = new long[variant.local.length];
                variant.grid.cover(rows, global);
                queue.launch(new Ready(what, variant.kernel, global, variant.local));
                return;
            }
        }
        throw new IllegalStateException(what + " has no kernel for " + rows + " rows");
    }

    /**
     * Throws if the device cannot run a kernel in groups of the size it is written for: registers and local memory may
     * leave room for fewer work-items than the device's largest group has.
     */
    void requireFits(Programs programs) {
        for (Variant variant : variants) {
            if (variant.kernel == null) {
                continue;
            }
            long items = Arrays.stream(variant.local).reduce(1, (a, b) -> a * b);
            long most = programs.maxGroup(variant.kernel);
            if (items > most) {
                throw new DeviceException(
                        what + " needs groups of " + items + " work-items, and this device runs its kernel"
                                + " in groups of at most " + most + "; force the other kind of kernels");
            }
        }
    }

    void close() {
        variants.stream().map(Variant::kernel).filter(Objects::nonNull).forEach(CL::clReleaseKernel);
    }
}
