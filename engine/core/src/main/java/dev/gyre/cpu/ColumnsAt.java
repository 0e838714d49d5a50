package dev.gyre.cpu;

import dev.gyre.graph.Columns;

/** Where some columns of a tensor lie. */
record ColumnsAt(float[] array, int start, int stride) {

    static ColumnsAt of(Compilation unit, Columns columns) {
        Floats floats = unit.floats(columns.tensor());
        return new ColumnsAt(
                floats.array(),
                floats.start() + columns.first(),
                columns.tensor().shape().columns());
    }

    int row(int row) {
        return start + row * stride;
    }
}
