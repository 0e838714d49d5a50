package dev.gyre.cpu;

import dev.gyre.graph.Activation;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Plain loops, for a JVM without the Vector API. Those over columns are written so that C2 can vectorise them. */
final class ScalarKernels implements Kernels {

    private static final int WIDTH = 16;

    @Override
    public String name() {
        return "plain loops";
    }

    @Override
    public int panelWidth() {
        return WIDTH;
    }

    @Override
    public int rowTile() {
        return 1;
    }

    @Override
    public int work() {
        return 0;
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
        for (int r = 0; r < rows; r++) {
            int to = out0 + r * WIDTH;
            Arrays.fill(out, to, to + WIDTH, 0);
            for (int i = 0; i < k; i++) {
                float a = x[x0 + r * xStride + i];
                int from = panel0 + i * WIDTH;
                for (int c = 0; c < WIDTH; c++) {
                    out[to + c] = Math.fma(a, panel[from + c], out[to + c]);
                }
            }
        }
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
        for (int c = 0; c < count; c++) {
            float v = bias == null ? tile[tile0 + c] : tile[tile0 + c] + bias[bias0 + c];
            v = apply(activation, v);
            out[out0 + c] = residual == null ? v : v + residual[residual0 + c];
        }
    }

    @Override
    public void activate(float[] x, int x0, float[] out, int out0, int count, Activation activation) {
        for (int i = 0; i < count; i++) {
            out[out0 + i] = apply(activation, x[x0 + i]);
        }
    }

    @Override
    public void gate(
            float[] gate, int gate0, float[] up, int up0, float[] out, int out0, int count, Activation activation) {
        for (int i = 0; i < count; i++) {
            out[out0 + i] = apply(activation, gate[gate0 + i]) * up[up0 + i];
        }
    }

    @Override
    public void add(float[] a, int a0, float[] b, int b0, float[] out, int out0, int count) {
        for (int i = 0; i < count; i++) {
            out[out0 + i] = a[a0 + i] + b[b0 + i];
        }
    }

    @Override
    public void rope(float[] x, int x0, float[] table, int table0, int half, float[] out, int out0) {
        for (int i = 0; i < half; i++) {
            float c = table[table0 + i];
            float s = table[table0 + half + i];
            float low = x[x0 + i];
            float high = x[x0 + half + i];
            out[out0 + i] = low * c - high * s;
            out[out0 + half + i] = high * c + low * s;
        }
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
        double sum = 0;
        for (int i = 0; centred && i < count; i++) {
            sum += row[row0 + i];
        }
        double mean = sum / count;
        double squares = 0;
        for (int i = 0; i < count; i++) {
            squares += (row[row0 + i] - mean) * (row[row0 + i] - mean);
        }
        double scale = 1 / Math.sqrt(squares / count + epsilon);
        for (int i = 0; i < count; i++) {
            float v = (float) ((row[row0 + i] - mean) * scale) * gamma[i];
            out[out0 + i] = beta == null ? v : v + beta[i];
        }
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
        for (int j = 0; j < count; j++) {
            float dot = 0;
            for (int i = 0; i < size; i++) {
                dot = Math.fma(query[query0 + i], keys[keys0 + at[at0 + j] + i], dot);
            }
            out[out0 + j] = dot;
        }
    }

    @Override
    public void softmax(float[] x, int x0, int count, float scale) {
        float max = Float.NEGATIVE_INFINITY;
        for (int i = x0; i < x0 + count; i++) {
            x[i] *= scale;
            max = Math.max(max, x[i]);
        }
        double sum = 0;
        for (int i = x0; i < x0 + count; i++) {
            x[i] = (float) Math.exp(x[i] - max);
            sum += x[i];
        }
        float factor = (float) (1 / sum);
        for (int i = x0; i < x0 + count; i++) {
            x[i] *= factor;
        }
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
        Arrays.fill(out, out0, out0 + size, 0);
        for (int j = 0; j < count; j++) {
            float weight = weights[weights0 + j];
            int from = values0 + at[at0 + j];
            for (int i = 0; i < size; i++) {
                out[out0 + i] = Math.fma(weight, values[from + i], out[out0 + i]);
            }
        }
    }

    @Override
    public float max(float[] x, int x0, int count) {
        float max = x[x0];
        for (int i = x0 + 1; i < x0 + count; i++) {
            max = Math.max(max, x[i]);
        }
        return max;
    }

    @Override
    public float sumExp(float[] x, int x0, int count, float max) {
        double sum = 0;
        for (int i = x0; i < x0 + count; i++) {
            sum += Math.exp(x[i] - max);
        }
        return (float) sum;
    }

    @Override
    public int firstAbove(float[] x, int from, int end, float threshold) {
        int i = from;
        while (i < end && !(x[i] > threshold)) {
            i++;
        }
        return i;
    }

    private static float apply(Activation activation, float x) {
        return activation == Activation.NONE ? x : (float) activation.apply(x);
    }
}
