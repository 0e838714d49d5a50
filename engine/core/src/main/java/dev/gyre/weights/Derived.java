package dev.gyre.weights;

import java.util.function.Supplier;

/**
 * A tensor that is derived from stored numbers; they are read when the first value is asked for.
 *
 * @param columns 0 for a vector
 */
public final class Derived implements ComputedTensor {

    private final String name;
    private final int rows;
    private final int columns;
    private final Supplier<float[]> values;
    private float[] read = new float[0];

    /** @param values {@code rows · max(columns, 1)} numbers, row-major */
    public Derived(String name, int rows, int columns, Supplier<float[]> values) {
        this.name = name;
        this.rows = rows;
        this.columns = columns;
        this.values = values;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public int rows() {
        return rows;
    }

    @Override
    public int columns() {
        return columns;
    }

    @Override
    public synchronized float value(int row, int column) {
        if (read.length == 0) {
            read = values.get();
        }
        return read[row * Math.max(columns, 1) + column];
    }
}
