package dev.gyre.opencl;

import dev.gyre.graph.Graph;
import dev.gyre.graph.Operation;
import java.util.ArrayList;
import java.util.List;
import org.jocl.CL;
import org.jocl.cl_mem;

/**
 * {@link Operation.Linear} with int8 weights: one kernel makes whole numbers of the rows, the next multiplies them. The
 * products of a graph share the room for the numbers, since its launches run one after the other.
 *
 * @param numbers rows of numbers of 16 bits, or with four neighbours of 8, with what belongs to a row; see quantize.cl
 * @param scales a float32 per row
 */
record Int8Launch(cl_mem numbers, cl_mem scales) implements Products {

    static Int8Launch of(Graph graph, Packing packing, Residents.Buffers buffers) {
        String graphName = " for int8 products of graph " + graph.name();
        cl_mem numbers = buffers.create(numberBytes(graph, packing), "rows" + graphName);
        try {
            return new Int8Launch(numbers, buffers.create(scaleBytes(graph, packing), "scales" + graphName));
        } catch (RuntimeException | Error e) {
            CL.clReleaseMemObject(numbers);
            throw e;
        }
    }

    /** Bytes of both buffers. */
    static long bytes(Graph graph, Packing packing) {
        return numberBytes(graph, packing) + scaleBytes(graph, packing);
    }

    private static long numberBytes(Graph graph, Packing packing) {
        return graph.operations().stream()
                .mapToLong(o ->
                        o instanceof Operation.Linear l ? rowsOfNumbers(l, packing) * packing.rowBytes(columns(l)) : 0)
                .max()
                .orElse(0);
    }

    private static long scaleBytes(Graph graph, Packing packing) {
        return graph.operations().stream()
                .mapToLong(o -> o instanceof Operation.Linear l ? rowsOfNumbers(l, packing) * Float.BYTES : 0)
                .max()
                .orElse(0);
    }

    /** Each group of few rows has room of its own, and tiles read whole blocks of rows. */
    private static long rowsOfNumbers(Operation.Linear op, Packing packing) {
        long few = groups(op, Kernels.INT8_PANELS) > Kernels.INT8_FEW_GROUPS
                ? 0
                : (long) groups(op, Kernels.INT8_LEAST_PANELS) * Kernels.INT8_FEW_ROWS;
        long rows = op.out().shape().rows().limit();
        return Math.max(few, packing.quads() ? Math.ceilDiv(rows, Kernels.TILE_ROWS) * Kernels.TILE_ROWS : rows);
    }

    private static int groups(Operation.Linear op, int panels) {
        return Math.ceilDiv(op.weight().shape().rows().limit(), Packing.INT8_PANEL * panels);
    }

    /** Whether few rows need no kernel of their own for their numbers. */
    private static boolean few(Operation.Linear op, Kernels kernels) {
        return kernels.tuning().cpu() && groups(op, Kernels.INT8_PANELS) <= Kernels.INT8_FEW_GROUPS;
    }

    private static int columns(Operation.Linear op) {
        return op.weight().shape().columns();
    }

    @Override
    public List<Launch> launches(Operation.Linear op, Kernels kernels, Places places) {
        return List.of(quantize(op, kernels, places), product(op, kernels, places));
    }

    private Launch quantize(Operation.Linear op, Kernels kernels, Places places) {
        String what = "quantize for Linear " + op.out().name();
        KernelName kernel = kernels.quantize();
        Call call = new Arguments(kernel, places)
                .size(op.out().shape().rows())
                .number(columns(op))
                .number(kernels.tuning().packing().depth(columns(op)))
                .buffer(numbers)
                .buffer(scales)
                .array(op.x())
                .call();
        int lanes = kernels.rowLanes();
        List<Launch.Variant> variants = new ArrayList<>();
        if (few(op, kernels)) {
            variants.add(Launch.Variant.nothing(Kernels.INT8_FEW_ROWS));
        }
        variants.add(Launch.Variant.always(call, new long[] {lanes, 1}, (rows, global) -> {
            global[0] = lanes;
            global[1] = rows;
        }));
        return new Launch(what, places.at(op.out().shape().rows()), variants);
    }

    private Launch product(Operation.Linear op, Kernels kernels, Places places) {
        int depth = kernels.tuning().packing().depth(columns(op));
        List<Launch.Variant> variants = kernels.tuning().cpu()
                ? kernels.tuning().int8().tiles()
                        ? tiles(op, kernels, places, depth)
                        : byRows(op, kernels, places, depth, kernels.linearSettings(op))
                : kernels.tuning().int8().dp4a()
                        ? byDp4a(op, kernels, places, depth)
                        : List.of(onGpu(op, kernels, places, depth));
        return new Launch(
                "Linear " + op.out().name(), places.at(op.out().shape().rows()), variants);
    }

    private Launch.Variant onGpu(Operation.Linear op, Kernels kernels, Places places, int depth) {
        int group = Packing.INT8_PANEL * Kernels.INT8_PANELS;
        int groups = groups(op, Kernels.INT8_PANELS);
        return Launch.Variant.always(
                call(op, kernels.linearInt8(), places, depth).call(), new long[] {group, 1}, (rows, global) -> {
                    global[0] = (long) groups * group;
                    global[1] = Math.ceilDiv(rows, Kernels.FEW_ROWS);
                });
    }

    private List<Launch.Variant> byDp4a(Operation.Linear op, Kernels kernels, Places places, int depth) {
        int group = Packing.INT8_PANEL * Kernels.INT8_PANELS;
        int groups = groups(op, Kernels.INT8_PANELS);
        return List.of(
                new Launch.Variant(
                        Kernels.FEW_ROWS,
                        call(op, kernels.linearInt8Few(), places, depth).call(),
                        new long[] {group, 1},
                        (_, global) -> {
                            global[0] = (long) groups * group;
                            global[1] = 1;
                        }),
                Launch.Variant.always(
                        call(op, kernels.linearInt8(), places, depth).call(),
                        new long[] {Kernels.GPU_THREADS, Kernels.GPU_THREADS},
                        (rows, global) -> {
                            global[0] = (long) groups * Kernels.GPU_THREADS;
                            global[1] = (long) Math.ceilDiv(rows, Kernels.GPU_TILE_ROWS) * Kernels.GPU_THREADS;
                        }));
    }

    /** Few rows as without tiles. */
    private List<Launch.Variant> tiles(Operation.Linear op, Kernels kernels, Places places, int depth) {
        LinearSettings base = kernels.tuning().base();
        int most = Math.max(base.few(), few(op, kernels) ? Kernels.INT8_FEW_ROWS : 0);
        List<Launch.Variant> variants =
                new ArrayList<>(byRows(op, kernels, places, depth, List.of(new Tuning.ByRows(most, base))));
        int pairs = Math.ceilDiv(op.weight().shape().rows().limit(), 2 * Packing.INT8_PANEL);
        variants.add(Launch.Variant.always(
                call(op, kernels.linearInt8Tiles(), places, depth).call(),
                new long[] {1},
                (rows, global) -> global[0] = (long) pairs * Math.ceilDiv(rows, Kernels.TILE_ROWS)));
        return variants;
    }

    private List<Launch.Variant> byRows(
            Operation.Linear op, Kernels kernels, Places places, int depth, List<Tuning.ByRows> classes) {
        List<Launch.Variant> variants = new ArrayList<>();
        int tile = kernels.tuning().int8().registers().rows();
        int from = 0;
        for (Tuning.ByRows rowClass : classes) {
            LinearSettings settings = rowClass.settings();
            int groups = groups(op, settings.block());
            int few = few(op, kernels) ? Math.min(rowClass.mostRows(), Kernels.INT8_FEW_ROWS) : 0;
            if (few > from) {
                variants.add(new Launch.Variant(
                        few,
                        tuned(fewRows(op, kernels, places, depth), settings),
                        new long[] {1},
                        (_, global) -> global[0] = groups));
            }
            if (rowClass.mostRows() > few) {
                variants.add(new Launch.Variant(
                        rowClass.mostRows(),
                        tuned(call(op, kernels.linearInt8(), places, depth), settings),
                        new long[] {1},
                        (rows, global) -> global[0] = (long) groups * Math.ceilDiv(rows, tile)));
            }
            from = rowClass.mostRows();
        }
        return variants;
    }

    private static Call tuned(Arguments arguments, LinearSettings settings) {
        return arguments.number(settings.block()).number(settings.ahead()).call();
    }

    private Arguments fewRows(Operation.Linear op, Kernels kernels, Places places, int depth) {
        return rest(
                op,
                places,
                new Arguments(kernels.linearInt8Few(), places)
                        .size(op.out().shape().rows())
                        .number(op.weight().shape().rows().limit())
                        .number(columns(op))
                        .number(depth)
                        .array(op.out())
                        .array(op.x()));
    }

    /** Of a kernel that takes the numbers that {@link #quantize} makes. */
    private Arguments call(Operation.Linear op, KernelName kernel, Places places, int depth) {
        return rest(
                op,
                places,
                new Arguments(kernel, places)
                        .size(op.out().shape().rows())
                        .number(op.weight().shape().rows().limit())
                        .number(depth)
                        .array(op.out()));
    }

    /** What all products of int8 end with. */
    private Arguments rest(Operation.Linear op, Places places, Arguments arguments) {
        return arguments
                .buffer(numbers)
                .buffer(scales)
                .buffer(places.panels(op.weight()).buffer())
                .array(op.bias())
                .array(op.residual())
                .number((op.bias() == null ? 0 : 1) | (op.residual() == null ? 0 : 2))
                .number(op.activation().ordinal());
    }

    @Override
    public void close() {
        CL.clReleaseMemObject(numbers);
        CL.clReleaseMemObject(scales);
    }
}
