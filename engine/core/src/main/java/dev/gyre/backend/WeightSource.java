package dev.gyre.backend;

import dev.gyre.graph.Tensor.Weight;

/** Where the numbers of weights come from: a model's files, or a generator of random ones. */
public interface WeightSource {

    /**
     * Reads rows of a weight as float32, whatever the files store.
     *
     * @param weight as the graph declares it; the source has checked that its parts exist with these shapes
     * @param firstRow first row (of a matrix) or element (of a vector)
     * @param rows rows or elements
     * @param destination row-major, from {@code offset} on
     */
    void read(Weight weight, int firstRow, int rows, float[] destination, int offset);

    /** The whole weight, row-major. */
    default float[] read(Weight weight) {
        int rows = weight.shape().rows().limit();
        float[] all = new float[Math.multiplyExact(rows, weight.shape().columns())];
        read(weight, 0, rows, all, 0);
        return all;
    }
}
