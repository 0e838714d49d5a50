package dev.gyre.opencl;

import dev.gyre.backend.DeviceException;
import dev.gyre.graph.Graph;
import dev.gyre.graph.Operation;
import dev.gyre.graph.Program;
import java.util.List;

/** {@link Operation.SelectTop}: a work-item or a work-group per row. */
final class SelectLaunch {

    /** MOST of edits.cl. */
    static final int MOST = 64;

    private SelectLaunch() {}

    /** Refuses a program that wants more of a row than the kernels have room for, before anything of it is made. */
    static void requireFew(Program program) {
        for (Graph graph : program.graphs()) {
            for (Operation operation : graph.operations()) {
                if (operation instanceof Operation.SelectTop op) {
                    int most = op.ids().shape().axes().getLast().limit();
                    if (most > MOST) {
                        throw new DeviceException("the opencl backend selects up to " + MOST + " tokens of a row, not "
                                + most + " (4 for each of num_beams): lower num_beams to " + MOST / 4
                                + ", or take --device cpu");
                    }
                }
            }
        }
    }

    static Launch of(Operation.SelectTop op, Kernels kernels, Places places) {
        String what = "SelectTop " + op.ids().name();
        KernelName kernel = kernels.selectTop();
        Arguments arguments = new Arguments(kernel, places)
                .size(op.logits().shape().rows())
                .number(op.logits().shape().columns())
                .size(op.ids().shape().axes().getLast())
                .size(op.logSum().shape().rows())
                .array(op.ids())
                .array(op.values())
                .array(op.logSum())
                .array(op.logits())
                .array(op.normalise())
                .array(op.editOffsets())
                .array(op.editTokens())
                .array(op.editKinds())
                .array(op.editAmounts());
        int lanes = kernels.tuning().cpu() ? 1 : Kernels.SELECT_LANES;
        return new Launch(
                what,
                places.at(op.logits().shape().rows()),
                List.of(Launch.Variant.always(
                        arguments.call(), new long[] {lanes}, (rows, global) -> global[0] = (long) rows * lanes)));
    }
}
