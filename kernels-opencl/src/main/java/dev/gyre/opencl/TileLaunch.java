package dev.gyre.opencl;

import dev.gyre.graph.Graph;
import dev.gyre.graph.Operation;
import java.util.List;
import org.jocl.CL;
import org.jocl.cl_mem;

/**
 * {@link Operation.Linear} by tiles of bfloat16, for every number of rows: one kernel rounds the rows, the next multiplies
 * them. The products of a graph share the room for the rounded rows, since its launches run one after the other.
 */
record TileLaunch(cl_mem rounded) implements Products {

    static TileLaunch of(Graph graph, Packing packing, Residents.Buffers buffers) {
        return new TileLaunch(
                buffers.create(bytes(graph, packing), "rows for bfloat16 products of graph " + graph.name()));
    }

    /** Tiles read whole blocks of rows. */
    static long bytes(Graph graph, Packing packing) {
        return graph.operations().stream()
                .mapToLong(o -> o instanceof Operation.Linear l
                        ? (long) Math.ceilDiv(l.out().shape().rows().limit(), Kernels.TILE_ROWS)
                                * Kernels.TILE_ROWS
                                * packing.depth(l.weight().shape().columns())
                                * packing.halves()
                                * Short.BYTES
                        : 0)
                .max()
                .orElse(0);
    }

    @Override
    public List<Launch> launches(Operation.Linear op, Kernels kernels, Places places) {
        int rowsAt = places.at(op.out().shape().rows());
        int depth = kernels.tuning().packing().depth(op.weight().shape().columns());
        return List.of(
                new Launch("rows for Linear " + op.out().name(), rowsAt, List.of(round(op, kernels, places, depth))),
                new Launch("Linear " + op.out().name(), rowsAt, List.of(product(op, kernels, places, depth))));
    }

    private Launch.Variant round(Operation.Linear op, Kernels kernels, Places places, int depth) {
        Call call = new Arguments(kernels.bfloat16Rows(), places)
                .size(op.out().shape().rows())
                .number(op.weight().shape().columns())
                .number(depth)
                .buffer(rounded)
                .array(op.x())
                .call();
        return Launch.Variant.always(call, new long[] {1}, (rows, global) -> global[0] = rows);
    }

    private Launch.Variant product(Operation.Linear op, Kernels kernels, Places places, int depth) {
        int n = op.weight().shape().rows().limit();
        Call call = new Arguments(kernels.linearTiles(), places)
                .size(op.out().shape().rows())
                .number(n)
                .number(depth)
                .array(op.out())
                .buffer(rounded)
                .buffer(places.panels(op.weight()).buffer())
                .array(op.bias())
                .array(op.residual())
                .number((op.bias() == null ? 0 : 1) | (op.residual() == null ? 0 : 2))
                .number(op.activation().ordinal())
                .call();
        int pairs = Math.ceilDiv(n, 2 * Packing.TILE_PANEL);
        return Launch.Variant.always(
                call,
                new long[] {1},
                (rows, global) -> global[0] = (long) pairs * Math.ceilDiv(rows, Kernels.TILE_ROWS));
    }

    @Override
    public void close() {
        CL.clReleaseMemObject(rounded);
    }
}
