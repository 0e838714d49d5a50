package dev.gyre.opencl;

import dev.gyre.graph.NormKind;
import dev.gyre.graph.Operation;
import java.util.List;

/** {@link Operation.Norm}: a work-item or a work-group per row. */
final class NormLaunch {

    private NormLaunch() {}

    static Launch of(Operation.Norm op, Kernels kernels, Places places) {
        String what = "Norm " + op.out().name();
        KernelName kernel = kernels.norm();
        int extras = (op.residual() == null ? 0 : 1)
                | (op.beta() == null ? 0 : 2)
                | (op.sum() == null ? 0 : 4)
                | (op.normKind() == NormKind.RMS ? 8 : 0);
        Arguments arguments = new Arguments(kernel, places)
                .size(op.out().shape().rows())
                .number(op.out().shape().columns())
                .array(op.out())
                .array(op.sum())
                .array(op.x())
                .array(op.residual())
                .array(op.gamma())
                .array(op.beta())
                .number(extras)
                .real(op.epsilon());
        int lanes = kernels.tuning().cpu() ? 1 : Kernels.NORM_LANES;
        return new Launch(
                what,
                places.at(op.out().shape().rows()),
                List.of(Launch.Variant.always(
                        arguments.call(), new long[] {lanes}, (rows, global) -> global[0] = (long) rows * lanes)));
    }
}
