package dev.gyre.cpu;

import dev.gyre.graph.Activation;
import org.jspecify.annotations.Nullable;

/**
 * The inner loops, over parts of arrays. Two implementations: {@link ScalarKernels} needs nothing, {@code
 * VectorKernels} needs the module jdk.incubator.vector. What a row gives does not depend on other rows, on the thread
 * or on how a caller cuts its work.
 *
 * <p>An argument {@code x0} is the index of the first element in {@code x}.
 */
interface Kernels {

    /** What runs, for people. */
    String name();

    /** Columns of a panel of a packed matrix; a multiple of the lanes of a vector. */
    int panelWidth();

    /** Rows that {@link #product} takes together. It may write up to a multiple of them. */
    int rowTile();

    /** Floats of memory that {@link #product} needs besides. */
    int work();

    /**
     * {@code out[r][c] = Σ x[r][i]·panel[i][c]} for {@code i} ascending: one chain of fused multiply-adds from zero.
     *
     * @param rows rows of x
     * @param out {@code [rows][panelWidth]}, with room for rows rounded up to {@link #rowTile}
     * @param panel {@code [k][panelWidth]} from {@code panel0} on
     * @param work {@link #work} floats from {@code work0} on that belong to the calling thread
     */
    void product(
            float[] x,
            int x0,
            int xStride,
            int rows,
            float[] panel,
            int panel0,
            int k,
            float[] out,
            int out0,
            float[] work,
            int work0);

    /**
     * {@code out = activation(tile + bias) + residual} for one row of a panel's product. The tile and the bias have
     * whole panels; the tile is overwritten.
     */
    void finish(
            float[] tile,
            int tile0,
            float @Nullable [] bias,
            int bias0,
            Activation activation,
            float @Nullable [] residual,
            int residual0,
            float[] out,
            int out0,
            int count);

    /** {@code out = activation(x)}; in place is allowed. */
    void activate(float[] x, int x0, float[] out, int out0, int count, Activation activation);

    /** {@code out = activation(gate) ⊙ up}. */
    void gate(float[] gate, int gate0, float[] up, int up0, float[] out, int out0, int count, Activation activation);

    /** {@code out = a + b}. */
    void add(float[] a, int a0, float[] b, int b0, float[] out, int out0, int count);

    /** One head: the halves layout of {@link dev.gyre.graph.Operation.Rope}. */
    void rope(float[] x, int x0, float[] table, int table0, int half, float[] out, int out0);

    /** One row: {@code row = x + residual}, which is already in {@code row}, brought to unit scale. */
    void norm(
            float[] row,
            int row0,
            float[] gamma,
            float @Nullable [] beta,
            boolean centred,
            float epsilon,
            float[] out,
            int out0,
            int count);

    /** {@code out[j] = Σ query[i]·keys[keys0 + at[at0 + j] + i]}. */
    void scores(
            float[] query,
            int query0,
            float[] keys,
            int keys0,
            int[] at,
            int at0,
            int count,
            int size,
            float[] out,
            int out0);

    /** Softmax of {@code scale·x}, in place. At least one element. */
    void softmax(float[] x, int x0, int count, float scale);

    /** {@code out[i] = Σ weights[j]·values[values0 + at[at0 + j] + i]}, j ascending. */
    void mean(
            float[] weights,
            int weights0,
            float[] values,
            int values0,
            int[] at,
            int at0,
            int count,
            int size,
            float[] out,
            int out0);

    /** The largest of at least one element. */
    float max(float[] x, int x0, int count);

    /** {@code Σ exp(x - max)}. */
    float sumExp(float[] x, int x0, int count, float max);

    /** The first index from {@code from} on whose element is above a threshold, or {@code end}. */
    int firstAbove(float[] x, int from, int end, float threshold);
}
