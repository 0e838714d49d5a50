package dev.gyre.cpu;

import dev.gyre.graph.Keys;
import dev.gyre.graph.Operation;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * {@link Operation.Attention} of single rows over keys that lie in a cache: a decoder's step over its own past
 * ({@link Keys.Ancestry}) or over its source ({@link Keys.Range}). A task is some neighbouring pairs of row and head.
 */
final class LookupAttentionStep implements Step, WorkerPool.Task {

    /** Multiply-adds below which a second thread is not worth its call. */
    private static final int SMALL = 50_000;

    private final Compilation unit;
    private final AttentionShape shape;
    private final AttentionWeights weights;
    private final @Nullable HeadBias bias;
    private final KeyRows keyRows;
    private final int mostKeys;
    private final RunSizes.Length length;
    private int pairs;
    private int tasks;

    /** Which rows of the cache a query looks at. */
    private sealed interface KeyRows {
        int count(int row);

        int at(int row, int position);
    }

    private record Ranges(int[] first, int[] end) implements KeyRows {
        @Override
        public int count(int row) {
            return end[row] - first[row];
        }

        @Override
        public int at(int row, int position) {
            return first[row] + position;
        }
    }

    private record Ancestors(int[] slots, int[] line, int[] length, int positions) implements KeyRows {
        @Override
        public int count(int row) {
            return length[row];
        }

        @Override
        public int at(int row, int position) {
            return slots[line[row] * positions + position] * positions + position;
        }
    }

    private LookupAttentionStep(Compilation unit, Operation.Attention op, KeyRows keyRows, int mostKeys) {
        this.unit = unit;
        this.keyRows = keyRows;
        this.mostKeys = mostKeys;
        shape = AttentionShape.of(unit, op);
        weights = AttentionWeights.of(unit, op);
        bias = HeadBias.of(unit, op.bias());
        length = unit.length(op.out().shape().rows());
    }

    static LookupAttentionStep of(Compilation unit, Operation.Attention op, Keys.Range keys) {
        return new LookupAttentionStep(
                unit,
                op,
                new Ranges(unit.ints(keys.first()), unit.ints(keys.end())),
                op.key().tensor().shape().rows().limit());
    }

    static LookupAttentionStep of(Compilation unit, Operation.Attention op, Keys.Ancestry keys) {
        return new LookupAttentionStep(
                unit,
                op,
                new Ancestors(
                        unit.ints(keys.ancestry()), unit.ints(keys.line()), unit.ints(keys.length()), keys.positions()),
                keys.positions());
    }

    @Override
    public Scratch.Need need() {
        return new Scratch.Need(mostKeys, 2 * mostKeys);
    }

    @Override
    public void run() {
        pairs = length.get() * shape.heads();
        long work = 0;
        for (int r = 0; r < length.get(); r++) {
            work += (long) keyRows.count(r) * shape.heads() * shape.size();
        }
        tasks = work < SMALL
                ? Math.min(1, pairs)
                : Math.min(pairs, 4 * unit.pool().threads());
        unit.pool().run(tasks, this);
    }

    @Override
    public void run(int index, int worker) {
        int end = (int) ((long) pairs * (index + 1) / tasks);
        int row = -1;
        int count = 0;
        int[] at = unit.scratch().ints(worker);
        for (int pair = (int) ((long) pairs * index / tasks); pair < end; pair++) {
            if (pair / shape.heads() != row) {
                row = pair / shape.heads();
                count = keyRows.count(row);
                for (int j = 0; j < count; j++) {
                    int cacheRow = keyRows.at(row, j);
                    at[j] = cacheRow * shape.key().stride();
                    at[mostKeys + j] = cacheRow * shape.value().stride();
                }
            }
            head(row, pair % shape.heads(), at, count, unit.scratch().floats(worker, mostKeys));
        }
    }

    private void head(int row, int head, int[] at, int count, float[] scores) {
        float[] out = shape.out().array();
        int out0 = shape.outRow(row, head);
        if (count == 0) {
            Arrays.fill(out, out0, out0 + shape.size(), 0);
        } else {
            Kernels kernels = unit.kernels();
            int offset = shape.keyHead(head) * shape.size();
            ColumnsAt query = shape.query();
            ColumnsAt key = shape.key();
            ColumnsAt value = shape.value();
            kernels.scores(
                    query.array(),
                    query.row(row) + head * shape.size(),
                    key.array(),
                    key.start() + offset,
                    at,
                    0,
                    count,
                    shape.size(),
                    scores,
                    0);
            float scale = shape.scale();
            if (bias != null) {
                bias.add(scores, 0, count, scale, count - 1, head);
                scale = 1;
            }
            kernels.softmax(scores, 0, count, scale);
            kernels.mean(
                    scores, 0, value.array(), value.start() + offset, at, mostKeys, count, shape.size(), out, out0);
        }
        weights.write(row, head, scores, 0, count);
    }
}
