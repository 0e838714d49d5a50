package dev.gyre.opencl;

import dev.gyre.graph.Keys;
import dev.gyre.graph.Operation;
import dev.gyre.graph.PositionBias;
import java.util.List;

/** {@link Operation.Attention}: on CPUs a work-item, on GPUs a work-group per tile of rows and head. */
final class AttentionLaunch {

    private AttentionLaunch() {}

    static Launch of(Operation.Attention op, Kernels kernels, Places places) {
        String what = "Attention " + op.out().name();
        KernelName kernel = kernels.attention(op.headSize());
        PositionBias bias = op.bias();
        Arguments arguments = new Arguments(kernel, places)
                .size(op.out().shape().rows())
                .number(op.heads())
                .number(op.heads() / op.keyHeads())
                .real(op.scale())
                .array(op.out())
                .columns(op.query())
                .columns(op.key())
                .columns(op.value());
        keys(op, arguments);
        arguments
                .number((bias == null ? 0 : 1) | (op.weights() == null ? 0 : 2))
                .array(bias == null ? null : bias.table())
                .number(bias == null ? 1 : bias.table().shape().rows().limit())
                .number(bias == null ? 0 : bias.center())
                .array(op.weights())
                .size(
                        op.weights() == null
                                ? op.out().shape().rows()
                                : op.weights().shape().axes().getLast());
        int lanes = kernels.attentionLanes(op.headSize());
        // Where keys are packed, nearly every block of rows begins a tile. Other rows may share keys with nobody: a
        // GPU has a group for each, and those whose row begins no tile end at once.
        int block = kernels.tuning().cpu() || op.keys() instanceof Keys.Packed ? Kernels.ATTENTION_TILE : 1;
        return new Launch(
                what,
                places.at(op.out().shape().rows()),
                List.of(Launch.Variant.always(arguments.call(), new long[] {lanes, 1}, (rows, global) -> {
                    global[0] = (long) op.heads() * lanes;
                    global[1] = Math.ceilDiv(rows, block);
                })));
    }

    /** The numbers of the kinds are those of keys.cl. */
    private static void keys(Operation.Attention op, Arguments arguments) {
        switch (op.keys()) {
            case Keys.Packed p ->
                arguments
                        .number(p.causal() ? 1 : 0)
                        .array(p.offsets())
                        .array(p.offsets())
                        .array(p.offsets())
                        .size(p.offsets().shape().rows())
                        .number(0);
            case Keys.Range r ->
                arguments
                        .number(2)
                        .array(r.first())
                        .array(r.end())
                        .array(r.end())
                        .size(op.out().shape().rows())
                        .number(0);
            case Keys.Ancestry a ->
                arguments
                        .number(3)
                        .array(a.ancestry())
                        .array(a.line())
                        .array(a.length())
                        .size(op.out().shape().rows())
                        .number(a.positions());
        }
    }
}
