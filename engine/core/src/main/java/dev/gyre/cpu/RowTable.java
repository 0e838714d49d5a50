package dev.gyre.cpu;

/** Rows that are looked up by number: embeddings and positions. */
sealed interface RowTable {

    /** {@code out += row·scale}. */
    void addRow(int row, float scale, float[] out, int out0);

    /** Row after row. */
    record Plain(float[] values, int columns) implements RowTable {
        @Override
        public void addRow(int row, float scale, float[] out, int out0) {
            int from = row * columns;
            for (int c = 0; c < columns; c++) {
                out[out0 + c] = Math.fma(values[from + c], scale, out[out0 + c]);
            }
        }
    }

    /** A column of each line of a panel. */
    record Panels(PackedWeight weight) implements RowTable {
        @Override
        public void addRow(int row, float scale, float[] out, int out0) {
            int width = weight.width();
            int from = weight.panel(row / width) + row % width;
            float[] values = weight.values();
            for (int c = 0; c < weight.depth(); c++) {
                out[out0 + c] = Math.fma(values[from + c * width], scale, out[out0 + c]);
            }
        }
    }
}
