package dev.gyre.cpu;

import dev.gyre.backend.Bindings;
import dev.gyre.graph.Activation;
import dev.gyre.graph.Columns;
import dev.gyre.graph.NormKind;
import dev.gyre.graph.Operation;
import dev.gyre.graph.Size;
import dev.gyre.graph.Tensor;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One run of a graph, operation after operation as {@link Operation} defines them. A sum is in float64 and is rounded
 * to float32 before an activation and before a residual, exactly where the operations would end if they were not
 * joined: so fusion changes nothing, to the bit.
 */
final class ReferenceRun {

    private final Map<Tensor, Object> arrays;
    private final Map<Size, Integer> lengths;
    private final long number;
    private final boolean int8;

    /**
     * @param number how many runs of the program there were before
     * @param int8 whether products round the rows they read; their weights are rounded already
     */
    ReferenceRun(Map<Tensor, Object> arrays, Bindings bindings, long number, boolean int8) {
        this.int8 = int8;
        this.arrays = arrays;
        this.number = number;
        this.lengths = new java.util.HashMap<>();
        for (Tensor t : arrays.keySet()) {
            for (Size axis : t.shape().axes()) {
                lengths.computeIfAbsent(axis, a -> bindingOrLimit(bindings, t, a));
            }
        }
    }

    /** States and weights of other graphs of the program may have symbols that this graph does not bind. */
    private static int bindingOrLimit(Bindings bindings, Tensor tensor, Size axis) {
        return tensor instanceof Tensor.State || tensor instanceof Tensor.Weight ? axis.limit() : bindings.length(axis);
    }

    void execute(Operation operation) {
        switch (operation) {
            case Operation.Embed e -> embed(e);
            case Operation.Linear l -> linear(l);
            case Operation.Norm n -> norm(n);
            case Operation.Attention a -> new ReferenceAttention(this, a).run();
            case Operation.AppendCache c -> appendCache(c);
            case Operation.AdvanceAncestry a -> advanceAncestry(a);
            case Operation.Gather g -> gather(g);
            case Operation.Rope r -> rope(r);
            case Operation.Gate g -> gate(g);
            case Operation.Activate a -> activate(a);
            case Operation.Add a -> add(a);
            case Operation.SelectTop s -> ReferenceSelection.run(this, s);
        }
    }

    long number() {
        return number;
    }

    int elements(Tensor tensor) {
        return array(tensor) instanceof int[] ints ? ints.length : floats(tensor).length;
    }

    Object array(Tensor tensor) {
        return Objects.requireNonNull(arrays.get(tensor), tensor.name());
    }

    float[] floats(Tensor tensor) {
        return (float[]) array(tensor);
    }

    float @Nullable [] floatsOrNull(@Nullable Tensor tensor) {
        return tensor == null ? null : floats(tensor);
    }

    int[] ints(Tensor tensor) {
        return (int[]) array(tensor);
    }

    /** Elements of the first axis in this run. */
    int rows(Tensor tensor) {
        return length(tensor.shape().rows());
    }

    int length(Size size) {
        return Objects.requireNonNull(lengths.get(size), size.toString());
    }

    private void embed(Operation.Embed e) {
        int d = e.table().shape().columns();
        float[] out = floats(e.out());
        float[] table = floats(e.table());
        int[] ids = ints(e.ids());
        for (int r = 0; r < rows(e.out()); r++) {
            for (int c = 0; c < d; c++) {
                double v = (double) table[ids[r] * d + c] * e.scale();
                if (e.positions() != null) {
                    v += floats(e.positions())[ints(Objects.requireNonNull(e.positionIds()))[r] * d + c];
                }
                if (e.types() != null) {
                    v += floats(e.types())[ints(Objects.requireNonNull(e.typeIds()))[r] * d + c];
                }
                out[r * d + c] = (float) v;
            }
        }
    }

    private void linear(Operation.Linear l) {
        int n = l.weight().shape().rows().limit();
        int k = l.weight().shape().columns();
        float[] out = floats(l.out());
        float[] x = floats(l.x());
        if (int8 && x.length > 0) {
            x = x.clone();
            Int8Rounding.round(x, k);
        }
        float[] weight = floats(l.weight());
        float[] bias = floatsOrNull(l.bias());
        float[] residual = floatsOrNull(l.residual());
        for (int r = 0; r < rows(l.out()); r++) {
            for (int c = 0; c < n; c++) {
                double sum = 0;
                for (int i = 0; i < k; i++) {
                    sum += (double) x[r * k + i] * weight[c * k + i];
                }
                float v = (float) (bias == null ? sum : sum + bias[c]);
                v = apply(l.activation(), v);
                out[r * n + c] = residual == null ? v : v + residual[r * n + c];
            }
        }
    }

    private void norm(Operation.Norm o) {
        int d = o.out().shape().columns();
        float[] out = floats(o.out());
        float[] sums = floatsOrNull(o.sum());
        float[] x = floats(o.x());
        float[] residual = floatsOrNull(o.residual());
        float[] gamma = floats(o.gamma());
        float[] beta = floatsOrNull(o.beta());
        float[] row = new float[d];
        for (int r = 0; r < rows(o.out()); r++) {
            double mean = 0;
            for (int c = 0; c < d; c++) {
                row[c] = residual == null ? x[r * d + c] : x[r * d + c] + residual[r * d + c];
                mean += row[c];
            }
            mean = o.normKind() == NormKind.LAYER ? mean / d : 0;
            double squares = 0;
            for (int c = 0; c < d; c++) {
                squares += (row[c] - mean) * (row[c] - mean);
            }
            double scale = 1 / Math.sqrt(squares / d + o.epsilon());
            for (int c = 0; c < d; c++) {
                double v = (row[c] - mean) * scale * gamma[c];
                out[r * d + c] = (float) (beta == null ? v : v + beta[c]);
            }
            if (sums != null) {
                System.arraycopy(row, 0, sums, r * d, d);
            }
        }
    }

    private void appendCache(Operation.AppendCache c) {
        Columns source = c.source();
        float[] from = floats(source.tensor());
        float[] cache = floats(c.cache());
        int[] destination = ints(c.destination());
        int stride = source.tensor().shape().columns();
        for (int r = 0; r < rows(c.destination()); r++) {
            System.arraycopy(
                    from,
                    r * stride + source.first(),
                    cache,
                    destination[r] * c.cache().shape().columns(),
                    source.count());
        }
    }

    private void advanceAncestry(Operation.AdvanceAncestry a) {
        int positions = a.ancestry().shape().columns();
        int[] ancestry = ints(a.ancestry());
        for (int h = 0; h < rows(a.from()); h++) {
            int from = ints(a.from())[h] * positions;
            int to = ints(a.to())[h] * positions;
            int inherited = ints(a.inherited())[h];
            System.arraycopy(ancestry, from, ancestry, to, inherited);
            for (int p = inherited; p < ints(a.length())[h]; p++) {
                ancestry[to + p] = ints(a.slot())[h];
            }
        }
    }

    private void gather(Operation.Gather g) {
        int d = g.out().shape().columns();
        int[] rows = ints(g.rows());
        for (int r = 0; r < rows(g.out()); r++) {
            System.arraycopy(floats(g.x()), rows[r] * d, floats(g.out()), r * d, d);
        }
    }

    private void rope(Operation.Rope o) {
        int half = o.headSize() / 2;
        int stride = o.x().tensor().shape().columns();
        float[] out = floats(o.out());
        float[] x = floats(o.x().tensor());
        float[] table = floats(o.table());
        for (int r = 0; r < rows(o.out()); r++) {
            int angles = ints(o.positionIds())[r] * o.headSize();
            for (int h = 0; h < o.heads(); h++) {
                int from = r * stride + o.x().first() + h * o.headSize();
                int to = (r * o.heads() + h) * o.headSize();
                for (int i = 0; i < half; i++) {
                    double c = table[angles + i];
                    double s = table[angles + half + i];
                    out[to + i] = (float) (x[from + i] * c - x[from + i + half] * s);
                    out[to + i + half] = (float) (x[from + i + half] * c + x[from + i] * s);
                }
            }
        }
    }

    private void gate(Operation.Gate g) {
        int d = g.out().shape().columns();
        float[] out = floats(g.out());
        float[] gate = floats(g.gate().tensor());
        float[] up = floats(g.up().tensor());
        for (int r = 0; r < rows(g.out()); r++) {
            int gateRow = r * g.gate().tensor().shape().columns() + g.gate().first();
            int upRow = r * g.up().tensor().shape().columns() + g.up().first();
            for (int c = 0; c < d; c++) {
                out[r * d + c] = (float) (g.activation().apply(gate[gateRow + c]) * up[upRow + c]);
            }
        }
    }

    private void activate(Operation.Activate a) {
        float[] out = floats(a.out());
        float[] x = floats(a.x());
        for (int i = 0; i < out.length; i++) {
            out[i] = apply(a.activation(), x[i]);
        }
    }

    private void add(Operation.Add o) {
        float[] out = floats(o.out());
        float[] a = floats(o.a());
        float[] b = floats(o.b());
        for (int i = 0; i < out.length; i++) {
            out[i] = a[i] + b[i];
        }
    }

    private static float apply(Activation activation, float x) {
        return activation == Activation.NONE ? x : (float) activation.apply(x);
    }
}
