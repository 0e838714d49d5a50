package dev.gyre.cpu;

import dev.gyre.graph.Operation;
import dev.gyre.graph.Tensor;
import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** {@link Operation.Embed}. */
final class EmbedStep extends RowStep {

    private final Floats out;
    private final int width;
    private final float scale;
    private final RowTable table;
    private final int[] ids;
    private final @Nullable Extra positions;
    private final @Nullable Extra types;

    /** A table whose rows are added. */
    private record Extra(RowTable table, int[] ids) {}

    EmbedStep(Compilation unit, Operation.Embed op) {
        super(unit, unit.length(op.out().shape().rows()), 4 * op.out().shape().columns());
        out = unit.floats(op.out());
        width = op.out().shape().columns();
        scale = op.scale();
        table = unit.weights().table(op.table());
        ids = unit.ints(op.ids());
        positions = extra(op.positions(), op.positionIds());
        types = extra(op.types(), op.typeIds());
    }

    private @Nullable Extra extra(Tensor.@Nullable Weight weight, @Nullable Tensor rows) {
        return weight == null ? null : new Extra(unit.weights().table(weight), unit.ints(Objects.requireNonNull(rows)));
    }

    @Override
    void row(int row, int worker) {
        int at = out.start() + row * width;
        Arrays.fill(out.array(), at, at + width, 0);
        table.addRow(ids[row], scale, out.array(), at);
        if (positions != null) {
            positions.table.addRow(positions.ids[row], 1, out.array(), at);
        }
        if (types != null) {
            types.table.addRow(types.ids[row], 1, out.array(), at);
        }
    }
}
