package dev.gyre.opencl;

import dev.gyre.graph.Operation;
import java.util.ArrayList;
import java.util.List;
import org.jocl.cl_kernel;

/** {@link Operation.Linear}: one kernel, or one per class of row counts. */
final class LinearLaunch {

    private LinearLaunch() {}

    static Launch of(Operation.Linear op, Kernels kernels, Places places) {
        int panels = Math.ceilDiv(
                op.weight().shape().rows().limit(), kernels.tuning().panel());
        List<Launch.Variant> variants = new ArrayList<>();
        if (kernels.tuning().cpu()) {
            int block = kernels.tuning().block();
            variants.add(Launch.Variant.always(
                    arguments(op, kernels.linear(), places),
                    new long[] {1},
                    (rows, global) -> global[0] = (long) panels * Math.ceilDiv(rows, block)));
        } else {
            int panel = kernels.tuning().panel();
            variants.add(new Launch.Variant(
                    Kernels.FEW_ROWS,
                    arguments(op, kernels.linearFew(), places),
                    new long[] {panel, 1},
                    (rows, global) -> {
                        global[0] = (long) panels * panel;
                        global[1] = Math.ceilDiv(rows, Kernels.FEW_ROWS);
                    }));
            variants.add(Launch.Variant.always(
                    arguments(op, kernels.linear(), places),
                    new long[] {Kernels.GPU_THREADS, Kernels.GPU_THREADS},
                    (rows, global) -> {
                        global[0] = (long) panels * Kernels.GPU_THREADS;
                        global[1] = (long) Math.ceilDiv(rows, Kernels.GPU_TILE_ROWS) * Kernels.GPU_THREADS;
                    }));
        }
        return new Launch(
                "Linear " + op.out().name(), places.at(op.out().shape().rows()), variants);
    }

    private static cl_kernel arguments(Operation.Linear op, cl_kernel kernel, Places places) {
        new Arguments(kernel, places, "Linear " + op.out().name())
                .size(op.out().shape().rows())
                .number(op.weight().shape().rows().limit())
                .number(op.weight().shape().columns())
                .array(op.out())
                .array(op.x())
                .array(places.panels(op.weight()))
                .array(op.bias())
                .array(op.residual())
                .number((op.bias() == null ? 0 : 1) | (op.residual() == null ? 0 : 2))
                .number(op.activation().ordinal());
        return kernel;
    }
}
