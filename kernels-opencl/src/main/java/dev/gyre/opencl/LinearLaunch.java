package dev.gyre.opencl;

import dev.gyre.graph.Operation;
import java.util.ArrayList;
import java.util.List;

/** {@link Operation.Linear}: one kernel, or one per class of row counts. */
final class LinearLaunch implements Products {

    @Override
    public List<Launch> launches(Operation.Linear op, Kernels kernels, Places places) {
        return List.of(of(op, kernels, places));
    }

    @Override
    public void close() {}

    private static Launch of(Operation.Linear op, Kernels kernels, Places places) {
        int panels = Math.ceilDiv(
                op.weight().shape().rows().limit(), kernels.tuning().panel());
        List<Launch.Variant> variants = new ArrayList<>();
        int panel = kernels.tuning().panel();
        int from = 0;
        for (Tuning.ByRows rowClass : kernels.linearSettings(op)) {
            LinearSettings settings = rowClass.settings();
            int most = rowClass.mostRows();
            if (kernels.tuning().cpu()) {
                variants.add(new Launch.Variant(
                        most,
                        call(op, kernels.linear(settings), places),
                        new long[] {1},
                        (rows, global) -> global[0] = rows == 1
                                ? Math.ceilDiv(panels, Kernels.rowPanels(panel))
                                : (long) panels * Math.ceilDiv(rows, settings.block())));
            } else {
                int few = Math.min(most, settings.few());
                if (few > from) {
                    variants.add(new Launch.Variant(
                            few,
                            call(op, kernels.linearFew(settings), places),
                            new long[] {panel, 1},
                            (rows, global) -> {
                                global[0] = (long) panels * panel;
                                global[1] = Math.ceilDiv(rows, settings.few());
                            }));
                }
                if (most > few) {
                    variants.add(new Launch.Variant(
                            most,
                            call(op, kernels.linear(settings), places),
                            new long[] {Kernels.GPU_THREADS, Kernels.GPU_THREADS},
                            (rows, global) -> {
                                global[0] = (long) panels * Kernels.GPU_THREADS;
                                global[1] = (long) Math.ceilDiv(rows, settings.tile()) * Kernels.GPU_THREADS;
                            }));
                }
            }
            from = most;
        }
        return new Launch(
                "Linear " + op.out().name(), places.at(op.out().shape().rows()), variants);
    }

    /** Of a kernel that takes rows as they are. */
    static Call call(Operation.Linear op, KernelName kernel, Places places) {
        return new Arguments(kernel, places)
                .size(op.out().shape().rows())
                .number(op.weight().shape().rows().limit())
                .number(op.weight().shape().columns())
                .array(op.out())
                .array(op.x())
                .array(places.panels(op.weight()))
                .array(op.bias())
                .array(op.residual())
                .number((op.bias() == null ? 0 : 1) | (op.residual() == null ? 0 : 2))
                .number(op.activation().ordinal())
                .call();
    }
}
