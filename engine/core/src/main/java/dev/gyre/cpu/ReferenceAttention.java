package dev.gyre.cpu;

import dev.gyre.graph.Columns;
import dev.gyre.graph.Keys;
import dev.gyre.graph.Operation;
import dev.gyre.graph.PositionBias;
import dev.gyre.graph.Tensor;

/** {@link Operation.Attention} of one run: for each row and head the keys, their softmax, the mean of the values. */
final class ReferenceAttention {

    private final ReferenceRun run;
    private final Operation.Attention op;
    private int[] keyRows = new int[16];
    private int keyCount;
    /** Position of the query in the sequence of its keys, which have the positions 0, 1, 2 ... */
    private int queryPosition;

    ReferenceAttention(ReferenceRun run, Operation.Attention op) {
        this.run = run;
        this.op = op;
    }

    void run() {
        for (int r = 0; r < run.rows(op.out()); r++) {
            findKeys(r);
            for (int h = 0; h < op.heads(); h++) {
                head(r, h);
            }
        }
    }

    private void findKeys(int r) {
        keyCount = 0;
        switch (op.keys()) {
            case Keys.Packed p -> {
                int[] offsets = run.ints(p.offsets());
                int s = 0;
                while (offsets[s + 1] <= r) {
                    s++;
                }
                int end = p.causal() ? r + 1 : offsets[s + 1];
                for (int k = offsets[s]; k < end; k++) {
                    addKey(k);
                }
                queryPosition = r - offsets[s];
            }
            case Keys.Range range -> {
                for (int k = run.ints(range.first())[r]; k < run.ints(range.end())[r]; k++) {
                    addKey(k);
                }
                queryPosition = keyCount - 1;
            }
            case Keys.Ancestry a -> {
                int[] slots = run.ints(a.ancestry());
                int line = run.ints(a.line())[r] * a.positions();
                for (int p = 0; p < run.ints(a.length())[r]; p++) {
                    addKey(slots[line + p] * a.positions() + p);
                }
                queryPosition = keyCount - 1;
            }
        }
    }

    private void addKey(int row) {
        if (keyCount == keyRows.length) {
            keyRows = java.util.Arrays.copyOf(keyRows, 2 * keyCount);
        }
        keyRows[keyCount++] = row;
    }

    private void head(int r, int h) {
        int size = op.headSize();
        int keyHead = h / (op.heads() / op.keyHeads());
        float[] query = run.floats(op.query().tensor());
        int q = at(op.query(), r, h);
        float[] keys = run.floats(op.key().tensor());
        double[] scores = new double[keyCount];
        double max = Double.NEGATIVE_INFINITY;
        for (int j = 0; j < keyCount; j++) {
            int k = at(op.key(), keyRows[j], keyHead);
            double dot = 0;
            for (int i = 0; i < size; i++) {
                dot += (double) query[q + i] * keys[k + i];
            }
            scores[j] = dot * op.scale() + bias(j, h);
            max = Math.max(max, scores[j]);
        }
        double sum = 0;
        for (int j = 0; j < keyCount; j++) {
            scores[j] = Math.exp(scores[j] - max);
            sum += scores[j];
        }
        float[] values = run.floats(op.value().tensor());
        double[] mean = new double[size];
        for (int j = 0; j < keyCount; j++) {
            scores[j] /= sum;
            int v = at(op.value(), keyRows[j], keyHead);
            for (int i = 0; i < size; i++) {
                mean[i] += scores[j] * values[v + i];
            }
        }
        float[] out = run.floats(op.out());
        for (int i = 0; i < size; i++) {
            out[(r * op.heads() + h) * size + i] = (float) mean[i];
        }
        if (op.weights() != null) {
            int width = run.length(op.weights().shape().axes().getLast());
            float[] weights = run.floats(op.weights());
            for (int j = 0; j < width; j++) {
                weights[(r * op.heads() + h) * width + j] = j < keyCount ? (float) scores[j] : 0;
            }
        }
    }

    private double bias(int keyPosition, int head) {
        PositionBias bias = op.bias();
        if (bias == null) {
            return 0;
        }
        Tensor.Weight table = bias.table();
        int row = bias.center() + keyPosition - queryPosition;
        int last = table.shape().rows().limit() - 1;
        return run.floats(table)[Math.clamp(row, 0, last) * table.shape().columns() + head];
    }

    private int at(Columns columns, int row, int head) {
        return row * columns.tensor().shape().columns() + columns.first() + head * op.headSize();
    }
}
