package dev.gyre.cpu;

import dev.gyre.graph.Activation;
import org.jspecify.annotations.Nullable;

/**
 * The Vector API's loops. Nothing but {@link KernelChoice} names this class, so that a JVM without the module never
 * loads it.
 */
final class VectorKernels implements Kernels {

    @Override
    public String name() {
        return "Vector API, " + VectorMath.LANES + " lanes, " + VectorGemm.ROW_TILE + "x" + VectorGemm.WIDTH + " tiles";
    }

    @Override
    public int panelWidth() {
        return VectorGemm.WIDTH;
    }

    @Override
    public int rowTile() {
        return VectorGemm.ROW_TILE;
    }

    @Override
    public int work() {
        return VectorGemm.WORK;
    }

    @Override
    public void product(
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
            int work0) {
        VectorGemm.product(x, x0, xStride, rows, panel, panel0, k, out, out0, work, work0);
    }

    @Override
    public void finish(
            float[] tile,
            int tile0,
            float @Nullable [] bias,
            int bias0,
            Activation activation,
            float @Nullable [] residual,
            int residual0,
            float[] out,
            int out0,
            int count) {
        VectorRows.finish(tile, tile0, bias, bias0, activation, residual, residual0, out, out0, count);
    }

    @Override
    public void activate(float[] x, int x0, float[] out, int out0, int count, Activation activation) {
        VectorRows.activate(x, x0, out, out0, count, activation);
    }

    @Override
    public void gate(
            float[] gate, int gate0, float[] up, int up0, float[] out, int out0, int count, Activation activation) {
        VectorRows.activate(gate, gate0, out, out0, count, activation);
        VectorRows.multiply(out, out0, up, up0, out, out0, count);
    }

    @Override
    public void add(float[] a, int a0, float[] b, int b0, float[] out, int out0, int count) {
        VectorRows.add(a, a0, b, b0, out, out0, count);
    }

    @Override
    public void rope(float[] x, int x0, float[] table, int table0, int half, float[] out, int out0) {
        VectorRows.rope(x, x0, table, table0, half, out, out0);
    }

    @Override
    public void norm(
            float[] row,
            int row0,
            float[] gamma,
            float @Nullable [] beta,
            boolean centred,
            float epsilon,
            float[] out,
            int out0,
            int count) {
        VectorRows.norm(row, row0, gamma, beta, centred, epsilon, out, out0, count);
    }

    @Override
    public void scores(
            float[] query,
            int query0,
            float[] keys,
            int keys0,
            int[] at,
            int at0,
            int count,
            int size,
            float[] out,
            int out0) {
        VectorAttention.scores(query, query0, keys, keys0, at, at0, count, size, out, out0);
    }

    @Override
    public void softmax(float[] x, int x0, int count, float scale) {
        VectorRows.softmax(x, x0, count, scale);
    }

    @Override
    public void mean(
            float[] weights,
            int weights0,
            float[] values,
            int values0,
            int[] at,
            int at0,
            int count,
            int size,
            float[] out,
            int out0) {
        VectorAttention.mean(weights, weights0, values, values0, at, at0, count, size, out, out0);
    }

    @Override
    public float max(float[] x, int x0, int count) {
        return VectorRows.max(x, x0, count);
    }

    @Override
    public float sumExp(float[] x, int x0, int count, float max) {
        return VectorRows.sumExp(x, x0, count, max);
    }

    @Override
    public int firstAbove(float[] x, int from, int end, float threshold) {
        return VectorRows.firstAbove(x, from, end, threshold);
    }
}
