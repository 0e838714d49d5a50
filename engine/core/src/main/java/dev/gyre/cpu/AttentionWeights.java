package dev.gyre.cpu;

import dev.gyre.graph.Operation;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Where the softmax of an attention goes, if somebody asked for it. */
final class AttentionWeights {

    private final @Nullable Floats out;
    private final RunSizes.@Nullable Length width;
    private final int heads;

    private AttentionWeights(@Nullable Floats out, RunSizes.@Nullable Length width, int heads) {
        this.out = out;
        this.width = width;
        this.heads = heads;
    }

    static AttentionWeights of(Compilation unit, Operation.Attention op) {
        return op.weights() == null
                ? new AttentionWeights(null, null, op.heads())
                : new AttentionWeights(
                        unit.floats(op.weights()),
                        unit.length(op.weights().shape().axes().getLast()),
                        op.heads());
    }

    void write(int row, int head, float[] softmax, int softmax0, int count) {
        if (out != null && width != null) {
            int columns = width.get();
            int to = out.start() + (row * heads + head) * columns;
            int there = Math.min(columns, count);
            System.arraycopy(softmax, softmax0, out.array(), to, there);
            Arrays.fill(out.array(), to + there, to + columns, 0);
        }
    }
}
