package dev.gyre.opencl;

import dev.gyre.graph.Activation;
import dev.gyre.graph.Graph;
import dev.gyre.graph.Operation;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jocl.CL;
import org.jocl.cl_mem;

/**
 * The best token of each row without all of its logits, where a run wants nothing else: the output layer in int8 says what
 * each 16 logits are at most, and only those that may be the largest are computed. The result is the same to the bit.
 *
 * <p>Less than a third of the output layer is read, and about half of the instructions are left (on AVX2). The layer's copy in
 * int8 is made in the first run that takes it.
 */
final class RoughLogits {

    private static final int PANEL = Packing.INT8_PANEL;
    /** ROUGH_SIDES of rough.cl, and the sides of a panel. */
    private static final int SIDES = 4;

    private final Pair pair;
    private final int scoredAt;
    private final int rowsAt;
    private final int mostRows;
    private final List<cl_mem> all = new ArrayList<>();
    private final cl_mem weights;
    private final cl_mem numbers;
    private final cl_mem sides;
    private final cl_mem copy;
    private final cl_mem peaks;
    private boolean packed;

    private RoughLogits(Pair pair, int mostRows, RunBlock run, Residents.Buffers buffers) {
        this.pair = pair;
        scoredAt = run.at(pair.select.logSum().shape().rows());
        rowsAt = run.at(pair.output.out().shape().rows());
        this.mostRows = mostRows;
        try {
            weights = create(buffers, pair.weightBytes(), "the output layer in int8");
            numbers = create(buffers, pair.numberBytes(), "rows in int8 for the output layer");
            sides = create(buffers, pair.sideBytes(), "the scales of rows for the output layer");
            copy = create(buffers, pair.copyBytes(), "rows for the output layer");
            peaks = create(buffers, pair.peakBytes(), "bounds of logits");
        } catch (RuntimeException | Error e) {
            close();
            throw e;
        }
    }

    private cl_mem create(Residents.Buffers buffers, long bytes, String what) {
        cl_mem buffer = buffers.create(bytes, what);
        all.add(buffer);
        return buffer;
    }

    /** An output layer and the selection from its logits. */
    private record Pair(Operation.Linear output, Operation.SelectTop select) {

        int columns() {
            return output.weight().shape().rows().limit();
        }

        int inner() {
            return output.weight().shape().columns();
        }

        int panels() {
            return Math.ceilDiv(columns(), PANEL);
        }

        int depth() {
            return Math.ceilDiv(inner(), 4) * 4;
        }

        private long rows() {
            return output.out().shape().rows().limit();
        }

        long weightBytes() {
            return (long) panels() * (PANEL * depth() + SIDES * PANEL * Float.BYTES);
        }

        long numberBytes() {
            return rows() * depth();
        }

        long sideBytes() {
            return rows() * SIDES * Float.BYTES;
        }

        long copyBytes() {
            return rows() * inner() * Float.BYTES;
        }

        long peakBytes() {
            return rows() * panels() * Float.BYTES;
        }
    }

    private static Optional<Pair> pair(Graph graph, Tuning tuning) {
        for (Operation operation : graph.operations()) {
            if (operation instanceof Operation.SelectTop select) {
                return graph.operations().stream()
                        .filter(o -> o instanceof Operation.Linear l
                                && l.out().equals(select.logits())
                                && l.activation() == Activation.NONE
                                && l.residual() == null)
                        .map(o -> new Pair((Operation.Linear) o, select))
                        .filter(pair -> tuning.rough().takes((long) pair.columns() * pair.inner()))
                        .findFirst();
            }
        }
        return Optional.empty();
    }

    /** Of a graph that selects, if it is worth it. */
    static Optional<RoughLogits> of(Graph graph, Tuning tuning, RunBlock run, Residents.Buffers buffers) {
        return pair(graph, tuning)
                .map(pair -> new RoughLogits(pair, tuning.rough().mostRows(), run, buffers));
    }

    /** Bytes of all buffers of a graph. */
    static long bytes(Graph graph, Tuning tuning) {
        return pair(graph, tuning)
                .map(pair -> pair.weightBytes()
                        + pair.numberBytes()
                        + pair.sideBytes()
                        + pair.copyBytes()
                        + pair.peakBytes())
                .orElse(0L);
    }

    /** Whether a run wants log-sums, and so all logits, or has too many rows. */
    boolean isWhole(RunBlock run) {
        return run.length(scoredAt) > 0 || run.length(rowsAt) > mostRows;
    }

    boolean replaces(Operation operation) {
        return operation.equals(pair.output) || operation.equals(pair.select);
    }

    /** What is done instead of the product. */
    List<Launch> bounds(Kernels kernels, Places places) {
        Operation.Linear output = pair.output;
        int panels = pair.panels();
        Call pack = new Arguments(kernels.roughWeights(), places)
                .number(pair.columns())
                .number(pair.inner())
                .number(pair.depth())
                .array(places.panels(output.weight()))
                .array(output.bias())
                .number(output.bias() == null ? 0 : 1)
                .buffer(weights)
                .call();
        Call rows = new Arguments(kernels.roughRows(), places)
                .size(output.out().shape().rows())
                .number(pair.inner())
                .number(pair.depth())
                .buffer(numbers)
                .buffer(sides)
                .buffer(copy)
                .array(output.x())
                .call();
        Call bounds = new Arguments(kernels.roughPeaks(), places)
                .size(output.out().shape().rows())
                .number(panels)
                .number(pair.depth())
                .buffer(numbers)
                .buffer(sides)
                .buffer(weights)
                .buffer(peaks)
                .call();
        int groups = Math.ceilDiv(panels, Kernels.INT8_PANELS);
        return List.of(
                new Launch("pack the output layer in int8", rowsAt, always(pack, _ -> panels))
                        .only(run -> !isWhole(run) && !packed),
                new Launch("rows for rough logits", rowsAt, always(rows, n -> n)).only(run -> !isWhole(run)),
                new Launch(
                                "rough logits",
                                rowsAt,
                                always(bounds, n -> (long) groups * Math.ceilDiv(n, Kernels.INT8_TILE)))
                        .only(run -> !isWhole(run)));
    }

    /** What is done instead of the selection. */
    Launch best(Kernels kernels, Places places) {
        Operation.Linear output = pair.output;
        Operation.SelectTop select = pair.select;
        Call best = new Arguments(kernels.selectBest(), places)
                .size(output.out().shape().rows())
                .number(pair.columns())
                .number(pair.inner())
                .array(select.ids())
                .array(select.values())
                .array(select.logits())
                .buffer(copy)
                .array(places.panels(output.weight()))
                .array(output.bias())
                .number(output.bias() == null ? 0 : 1)
                .buffer(peaks)
                .array(select.editOffsets())
                .array(select.editTokens())
                .array(select.editKinds())
                .array(select.editAmounts())
                .call();
        return new Launch("the best of rough logits", rowsAt, always(best, n -> n)).only(run -> !isWhole(run));
    }

    private interface Items {
        long of(int rows);
    }

    private static List<Launch.Variant> always(Call call, Items items) {
        return List.of(Launch.Variant.always(call, new long[] {1}, (rows, global) -> global[0] = items.of(rows)));
    }

    /** A run has been sent. */
    void ran(RunBlock run) {
        packed |= !isWhole(run) && run.length(rowsAt) > 0;
    }

    void close() {
        all.forEach(CL::clReleaseMemObject);
        all.clear();
    }
}
