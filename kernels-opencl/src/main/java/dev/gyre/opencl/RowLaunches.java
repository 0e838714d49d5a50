package dev.gyre.opencl;

import dev.gyre.graph.Operation;
import dev.gyre.graph.Size;
import java.util.List;

/** The operations of rows.cl: each touches every element of its rows once. */
final class RowLaunches {

    private final Kernels kernels;
    private final Places places;

    RowLaunches(Kernels kernels, Places places) {
        this.kernels = kernels;
        this.places = places;
    }

    Launch embed(Operation.Embed op) {
        boolean packed = !places.hasRows(op.table());
        return launch(
                "embed",
                op.out().name(),
                op.out().shape().rows(),
                op.table().shape().columns(),
                a -> a.array(op.out())
                        .array(packed ? places.panels(op.table()) : places.of(op.table()))
                        .number(packed ? 1 : 0)
                        .array(op.ids())
                        .real(op.scale())
                        .number((op.positions() == null ? 0 : 1) | (op.types() == null ? 0 : 2))
                        .array(op.positions())
                        .array(op.positionIds())
                        .array(op.types())
                        .array(op.typeIds()));
    }

    Launch gather(Operation.Gather op) {
        return launch(
                "gather",
                op.out().name(),
                op.out().shape().rows(),
                op.out().shape().columns(),
                a -> a.array(op.out()).array(op.x()).array(op.rows()));
    }

    Launch append(Operation.AppendCache op) {
        return launch(
                "append",
                op.cache().name(),
                op.destination().shape().rows(),
                op.source().count(),
                a -> a.array(op.cache())
                        .number(op.cache().shape().columns())
                        .columns(op.source())
                        .array(op.destination()));
    }

    Launch advance(Operation.AdvanceAncestry op) {
        return launch(
                "advance",
                op.ancestry().name(),
                op.from().shape().rows(),
                op.ancestry().shape().columns(),
                a -> a.array(op.ancestry())
                        .array(op.from())
                        .array(op.to())
                        .array(op.inherited())
                        .array(op.length())
                        .array(op.slot()));
    }

    Launch rope(Operation.Rope op) {
        return launch(
                "rope",
                op.out().name(),
                op.out().shape().rows(),
                op.heads(),
                a -> a.number(op.headSize())
                        .array(op.out())
                        .columns(op.x())
                        .array(op.table())
                        .array(op.positionIds()));
    }

    Launch gate(Operation.Gate op) {
        return launch(
                "gated",
                op.out().name(),
                op.out().shape().rows(),
                op.out().shape().columns(),
                a -> a.array(op.out())
                        .columns(op.gate())
                        .columns(op.up())
                        .number(op.activation().ordinal()));
    }

    Launch activate(Operation.Activate op) {
        return launch(
                "activate",
                op.out().name(),
                op.out().shape().rows(),
                op.out().shape().columns(),
                a -> a.array(op.out()).array(op.x()).number(op.activation().ordinal()));
    }

    Launch add(Operation.Add op) {
        return launch(
                "add",
                op.out().name(),
                op.out().shape().rows(),
                op.out().shape().columns(),
                a -> a.array(op.out()).array(op.a()).array(op.b()));
    }

    /** What comes behind the rows and the second number, in the order of the kernel's parameters. */
    private interface Rest {
        Arguments set(Arguments arguments);
    }

    private Launch launch(String kernelName, String name, Size rows, int second, Rest rest) {
        String what = kernelName + " " + name;
        KernelName kernel = kernels.rows(kernelName);
        Call call = rest.set(new Arguments(kernel, places).size(rows).number(second))
                .call();
        int lanes = kernels.rowLanes();
        return new Launch(
                what, places.at(rows), List.of(Launch.Variant.always(call, new long[] {lanes, 1}, (n, global) -> {
                    global[0] = lanes;
                    global[1] = n;
                })));
    }
}
