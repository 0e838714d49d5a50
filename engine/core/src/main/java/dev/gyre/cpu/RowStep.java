package dev.gyre.cpu;

/** An operation that treats each row by itself: rows are dealt out to the threads in blocks. */
abstract class RowStep implements Step, WorkerPool.Task {

    /** Elements below which handing over costs more than it gains; about ten microseconds of work. */
    private static final int BLOCK = 16_384;

    final Compilation unit;
    private final RunSizes.Length length;
    private final int rowsPerTask;
    private int rows;

    /** @param elements of one row, or as many as its work is worth */
    RowStep(Compilation unit, RunSizes.Length length, int elements) {
        this.unit = unit;
        this.length = length;
        this.rowsPerTask = Math.max(1, BLOCK / Math.max(1, elements));
    }

    abstract void row(int row, int worker);

    @Override
    public void run() {
        rows = length.get();
        unit.pool().run(Math.ceilDiv(rows, rowsPerTask), this);
    }

    @Override
    public void run(int index, int worker) {
        int end = Math.min(rows, (index + 1) * rowsPerTask);
        for (int r = index * rowsPerTask; r < end; r++) {
            row(r, worker);
        }
    }
}
