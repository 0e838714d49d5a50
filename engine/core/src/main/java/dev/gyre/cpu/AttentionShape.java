package dev.gyre.cpu;

import dev.gyre.graph.Operation;

/** What both kinds of attention know of their operation. */
record AttentionShape(
        ColumnsAt query, ColumnsAt key, ColumnsAt value, Floats out, int heads, int keyHeads, int size, float scale) {

    static AttentionShape of(Compilation unit, Operation.Attention op) {
        return new AttentionShape(
                ColumnsAt.of(unit, op.query()),
                ColumnsAt.of(unit, op.key()),
                ColumnsAt.of(unit, op.value()),
                unit.floats(op.out()),
                op.heads(),
                op.keyHeads(),
                op.headSize(),
                op.scale());
    }

    /** Which key head a query head uses. */
    int keyHead(int head) {
        return head / (heads / keyHeads);
    }

    int outRow(int row, int head) {
        return out.start() + (row * heads + head) * size;
    }
}
