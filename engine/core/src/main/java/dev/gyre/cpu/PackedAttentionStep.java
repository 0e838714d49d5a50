package dev.gyre.cpu;

import dev.gyre.graph.Keys;
import dev.gyre.graph.Operation;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * {@link Operation.Attention} within packed sequences. A task is one head of some rows of a sequence: its keys and
 * values are packed as the panels of two products, with the softmax between them, all in the cache. How a sequence is
 * cut into tasks depends on its own length alone.
 */
final class PackedAttentionStep implements Step, WorkerPool.Task {

    /** Query rows of a task; a multiple of every row tile. */
    private static final int BLOCK = 48;

    /** Keys for which memory is set aside from the start. */
    private static final int USUAL_KEYS = 1024;

    private final Compilation unit;
    private final AttentionShape shape;
    private final AttentionWeights weights;
    private final @Nullable HeadBias bias;
    private final int[] offsets;
    private final boolean causal;
    private final RunSizes.Length sequences;
    private final int valuePanels;
    /** First row and sequence of each block of the run. */
    private final int[] blockRow;

    private final int[] blockSequence;

    PackedAttentionStep(Compilation unit, Operation.Attention op, Keys.Packed keys) {
        this.unit = unit;
        shape = AttentionShape.of(unit, op);
        weights = AttentionWeights.of(unit, op);
        bias = HeadBias.of(unit, op.bias());
        offsets = unit.ints(keys.offsets());
        causal = keys.causal();
        sequences = unit.length(keys.offsets().shape().rows());
        valuePanels = Math.ceilDiv(op.headSize(), unit.kernels().panelWidth());
        int most =
                keys.offsets().shape().rows().limit() + op.out().shape().rows().limit() / BLOCK;
        blockRow = new int[most];
        blockSequence = new int[most];
    }

    @Override
    public Scratch.Need need() {
        return new Scratch.Need(floats(USUAL_KEYS), 0);
    }

    private int padded(int keys) {
        int width = unit.kernels().panelWidth();
        return Math.ceilDiv(keys, width) * width;
    }

    private int floats(int keys) {
        int width = unit.kernels().panelWidth();
        return padded(keys) * shape.size()
                + valuePanels * width * keys
                + BLOCK * padded(keys)
                + BLOCK * width
                + unit.kernels().work();
    }

    @Override
    public void run() {
        int blocks = 0;
        for (int s = 0; s < sequences.get() - 1; s++) {
            for (int row = offsets[s]; row < offsets[s + 1]; row += BLOCK) {
                blockRow[blocks] = row;
                blockSequence[blocks++] = s;
            }
        }
        unit.pool().run(blocks * shape.heads(), this);
    }

    @Override
    public void run(int index, int worker) {
        Kernels kernels = unit.kernels();
        int width = kernels.panelWidth();
        int head = index % shape.heads();
        int block = index / shape.heads();
        int begin = offsets[blockSequence[block]];
        int end = offsets[blockSequence[block] + 1];
        int first = blockRow[block];
        int rows = Math.min(BLOCK, end - first);
        int keys = (causal ? first + rows : end) - begin;
        int stride = padded(keys);
        float[] memory = unit.scratch().floats(worker, floats(keys));
        int values = stride * shape.size();
        int scores = values + valuePanels * width * keys;
        int tile = scores + BLOCK * stride;
        int work = tile + BLOCK * width;
        packKeys(begin, keys, head, memory);
        packValues(begin, keys, head, memory, values);
        ColumnsAt query = shape.query();
        for (int k = 0; k < stride; k += width) {
            kernels.product(
                    query.array(),
                    query.row(first) + head * shape.size(),
                    query.stride(),
                    rows,
                    memory,
                    k * shape.size(),
                    shape.size(),
                    memory,
                    tile,
                    memory,
                    work);
            for (int r = 0; r < rows; r++) {
                System.arraycopy(memory, tile + r * width, memory, scores + r * stride + k, width);
            }
        }
        for (int r = 0; r < rows; r++) {
            int position = first + r - begin;
            int count = causal ? position + 1 : keys;
            int at = scores + r * stride;
            float scale = shape.scale();
            if (bias != null) {
                bias.add(memory, at, count, scale, position, head);
                scale = 1;
            }
            kernels.softmax(memory, at, count, scale);
            Arrays.fill(memory, at + count, at + keys, 0);
            weights.write(first + r, head, memory, at, count);
        }
        Floats out = shape.out();
        for (int p = 0; p < valuePanels; p++) {
            kernels.product(
                    memory, scores, stride, rows, memory, values + p * width * keys, keys, memory, tile, memory, work);
            int columns = Math.min(width, shape.size() - p * width);
            for (int r = 0; r < rows; r++) {
                int to = shape.outRow(first + r, head) + p * width;
                System.arraycopy(memory, tile + r * width, out.array(), to, columns);
            }
        }
    }

    private void packKeys(int begin, int keys, int head, float[] memory) {
        int width = unit.kernels().panelWidth();
        ColumnsAt key = shape.key();
        for (int k = 0; k < keys; k += width) {
            PackedWeight.pack(
                    key.array(),
                    key.row(begin + k) + shape.keyHead(head) * shape.size(),
                    key.stride(),
                    Math.min(width, keys - k),
                    shape.size(),
                    width,
                    memory,
                    k * shape.size());
        }
    }

    private void packValues(int begin, int keys, int head, float[] memory, int values) {
        int width = unit.kernels().panelWidth();
        ColumnsAt value = shape.value();
        for (int p = 0; p < valuePanels; p++) {
            int columns = Math.min(width, shape.size() - p * width);
            for (int k = 0; k < keys; k++) {
                int from = value.row(begin + k) + shape.keyHead(head) * shape.size() + p * width;
                int to = values + (p * keys + k) * width;
                System.arraycopy(value.array(), from, memory, to, columns);
                Arrays.fill(memory, to + columns, to + width, 0);
            }
        }
    }
}
