package dev.gyre.cpu;

import dev.gyre.graph.Activation;
import dev.gyre.graph.Operation;
import org.jspecify.annotations.Nullable;

/**
 * {@link Operation.Linear}: a task is some rows times one panel, finished in the cache before it is written once. Tasks
 * with the same rows follow one another, so the rows stay in the second-level cache while the panels pass.
 */
final class LinearStep implements Step, WorkerPool.Task {

    /** Rows of a task; a multiple of every row tile. Their result, 96 x 64 floats, takes half of a first-level cache. */
    private static final int BLOCK = 96;

    /** Multiply-adds below which a second thread is not worth its call. */
    private static final long SMALL = 100_000;

    private final Compilation unit;
    private final Floats x;
    private final Floats out;
    private final PackedWeight weight;
    private final float @Nullable [] bias;
    private final Activation activation;
    private final @Nullable Floats residual;
    private final RunSizes.Length length;
    private int rows;

    LinearStep(Compilation unit, Operation.Linear op) {
        this.unit = unit;
        x = unit.floats(op.x());
        out = unit.floats(op.out());
        weight = unit.weights().packed(op.weight());
        bias = unit.weights().plainOrNull(op.bias());
        activation = op.activation();
        residual = op.residual() == null ? null : unit.floats(op.residual());
        length = unit.length(op.out().shape().rows());
    }

    @Override
    public Scratch.Need need() {
        return new Scratch.Need(BLOCK * weight.width() + unit.kernels().work(), 0);
    }

    @Override
    public void run() {
        rows = length.get();
        int tasks = Math.ceilDiv(rows, BLOCK) * weight.panels();
        if ((long) rows * weight.rows() * weight.depth() < SMALL) {
            WorkerPool.runHere(tasks, this);
        } else {
            unit.pool().run(tasks, this);
        }
    }

    @Override
    public void run(int index, int worker) {
        Kernels kernels = unit.kernels();
        int panel = index % weight.panels();
        int first = index / weight.panels() * BLOCK;
        int count = Math.min(BLOCK, rows - first);
        int width = weight.width();
        float[] tile = unit.scratch().floats(worker, BLOCK * width + kernels.work());
        kernels.product(
                x.array(),
                x.start() + first * weight.depth(),
                weight.depth(),
                count,
                weight.values(),
                weight.panel(panel),
                weight.depth(),
                tile,
                0,
                tile,
                BLOCK * width);
        int column = panel * width;
        int columns = Math.min(width, weight.rows() - column);
        for (int r = 0; r < count; r++) {
            int at = (first + r) * weight.rows() + column;
            kernels.finish(
                    tile,
                    r * width,
                    bias,
                    column,
                    activation,
                    residual == null ? null : residual.array(),
                    residual == null ? 0 : residual.start() + at,
                    out.array(),
                    out.start() + at,
                    columns);
        }
    }
}
