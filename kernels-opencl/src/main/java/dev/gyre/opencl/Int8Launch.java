package dev.gyre.opencl;

import dev.gyre.graph.Graph;
import dev.gyre.graph.Operation;
import java.util.List;
import org.jocl.CL;
import org.jocl.cl_kernel;
import org.jocl.cl_mem;

/**
 * {@link Operation.Linear} with int8 weights: one kernel makes whole numbers of the rows, the next multiplies them. The
 * products of a graph share the room for the numbers, since its launches run one after the other.
 *
 * @param numbers rows of 16-bit numbers
 * @param scales a float32 per row
 */
record Int8Launch(cl_mem numbers, cl_mem scales) {

    static Int8Launch of(Graph graph, Residents.Buffers buffers) {
        String graphName = " for int8 products of graph " + graph.name();
        cl_mem numbers = buffers.create(numberBytes(graph), "rows" + graphName);
        try {
            return new Int8Launch(numbers, buffers.create(scaleBytes(graph), "scales" + graphName));
        } catch (RuntimeException | Error e) {
            CL.clReleaseMemObject(numbers);
            throw e;
        }
    }

    /** Bytes of both buffers. */
    static long bytes(Graph graph) {
        return numberBytes(graph) + scaleBytes(graph);
    }

    private static long numberBytes(Graph graph) {
        return graph.operations().stream()
                .mapToLong(o -> o instanceof Operation.Linear l ? rows(l) * (columns(l) + 1L) * Short.BYTES : 0)
                .max()
                .orElse(0);
    }

    private static long scaleBytes(Graph graph) {
        return graph.operations().stream()
                .mapToLong(o -> o instanceof Operation.Linear l ? rows(l) * Float.BYTES : 0)
                .max()
                .orElse(0);
    }

    private static long rows(Operation.Linear op) {
        return op.out().shape().rows().limit();
    }

    private static int columns(Operation.Linear op) {
        return op.weight().shape().columns();
    }

    List<Launch> launches(Operation.Linear op, Kernels kernels, Places places) {
        return List.of(quantize(op, kernels, places), product(op, kernels, places));
    }

    private Launch quantize(Operation.Linear op, Kernels kernels, Places places) {
        String what = "quantize for Linear " + op.out().name();
        cl_kernel kernel = kernels.quantize();
        new Arguments(kernel, places, what)
                .size(op.out().shape().rows())
                .number(columns(op))
                .number(kernels.tuning().packing().depth(columns(op)))
                .buffer(numbers)
                .buffer(scales)
                .array(op.x());
        int lanes = kernels.rowLanes();
        return new Launch(
                what,
                places.at(op.out().shape().rows()),
                List.of(Launch.Variant.always(kernel, new long[] {lanes, 1}, (rows, global) -> {
                    global[0] = lanes;
                    global[1] = rows;
                })));
    }

    private Launch product(Operation.Linear op, Kernels kernels, Places places) {
        String what = "Linear " + op.out().name();
        cl_kernel kernel = kernels.linearInt8();
        int n = op.weight().shape().rows().limit();
        new Arguments(kernel, places, what)
                .size(op.out().shape().rows())
                .number(n)
                .number(kernels.tuning().packing().depth(columns(op)))
                .array(op.out())
                .buffer(numbers)
                .buffer(scales)
                .buffer(places.panels(op.weight()).buffer())
                .array(op.bias())
                .array(op.residual())
                .number((op.bias() == null ? 0 : 1) | (op.residual() == null ? 0 : 2))
                .number(op.activation().ordinal());
        int group = Packing.INT8_PANEL * Kernels.INT8_PANELS;
        long groups = Math.ceilDiv(n, group);
        Launch.Variant variant = kernels.tuning().cpu()
                ? Launch.Variant.always(
                        kernel,
                        new long[] {1},
                        (rows, global) -> global[0] = groups * Math.ceilDiv(rows, Kernels.INT8_TILE))
                : Launch.Variant.always(kernel, new long[] {group, 1}, (rows, global) -> {
                    global[0] = groups * group;
                    global[1] = Math.ceilDiv(rows, Kernels.FEW_ROWS);
                });
        return new Launch(what, places.at(op.out().shape().rows()), List.of(variant));
    }

    void close() {
        CL.clReleaseMemObject(numbers);
        CL.clReleaseMemObject(scales);
    }
}
