package dev.gyre.opencl;

import dev.gyre.graph.Operation;
import java.util.List;

/** {@link Operation.Linear} by tensor cores: one kernel for few rows, one for more, the same sums in both. */
final class MmaLaunch implements Products {

    @Override
    public List<Launch> launches(Operation.Linear op, Kernels kernels, Places places) {
        long blocks = Math.ceilDiv(op.weight().shape().rows().limit(), Kernels.MMA_COLUMNS);
        return List.of(new Launch(
                "Linear " + op.out().name(),
                places.at(op.out().shape().rows()),
                List.of(
                        new Launch.Variant(
                                Kernels.MMA_FEW_ROWS,
                                LinearLaunch.call(op, kernels.linearMmaFew(), places),
                                new long[] {Kernels.MMA_THREADS, 1},
                                (_, global) -> {
                                    global[0] = blocks * Kernels.MMA_THREADS;
                                    global[1] = 1;
                                }),
                        Launch.Variant.always(
                                LinearLaunch.call(op, kernels.linearMma(), places),
                                new long[] {Kernels.MMA_THREADS, 1},
                                (rows, global) -> {
                                    global[0] = blocks * Kernels.MMA_THREADS;
                                    global[1] = Math.ceilDiv(rows, Kernels.MMA_ROWS);
                                }))));
    }

    @Override
    public void close() {}
}
