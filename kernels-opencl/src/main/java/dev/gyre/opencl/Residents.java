package dev.gyre.opencl;

import dev.gyre.backend.WeightSource;
import dev.gyre.graph.ElementType;
import dev.gyre.graph.Tensor.State;
import dev.gyre.graph.Tensor.Weight;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import org.jocl.CL;
import org.jocl.cl_context;
import org.jocl.cl_mem;

/** The weights and states of a program on the device. */
final class Residents {

    /** Bytes of a weight that are read, packed and sent at a time. */
    private static final int CHUNK = 8 << 20;

    private final Buffers buffers;
    private final Queue queue;
    private final int panel;
    private final Map<WeightUse, cl_mem> weights = new HashMap<>();
    private final Map<State, cl_mem> states = new HashMap<>();

    Residents(Buffers buffers, Queue queue, int panel) {
        this.buffers = buffers;
        this.queue = queue;
        this.panel = panel;
    }

    cl_mem weight(Weight weight, Layout layout) {
        return Objects.requireNonNull(weights.get(new WeightUse(weight, layout)), weight.name());
    }

    boolean holds(Weight weight, Layout layout) {
        return weights.containsKey(new WeightUse(weight, layout));
    }

    cl_mem state(State state) {
        return Objects.requireNonNull(states.get(state), state.name());
    }

    void add(State state) {
        long bytes = stateBytes(state);
        cl_mem buffer = buffers.create(bytes, "cache " + state.name());
        states.put(state, buffer);
        queue.zero(buffer, bytes);
    }

    static long stateBytes(State state) {
        return Math.multiplyExact(state.shape().limit() + Layout.PAD, (long) ElementType.BYTES);
    }

    /** Uploads a weight, packed where it is used so. */
    void add(WeightUse use, WeightSource source) {
        cl_mem buffer = buffers.create(
                use.layout().bytes(use.weight(), panel),
                "weight " + use.weight().name());
        weights.put(use, buffer);
        int rows = use.weight().shape().rows().limit();
        int columns = use.weight().shape().columns();
        boolean panels = use.layout() == Layout.PANELS;
        long fits = Math.max(1, CHUNK / ((long) columns * ElementType.BYTES));
        int step = (int) Math.min(panels ? Math.max(panel, fits / panel * panel) : fits, Math.max(rows, 1));
        int stored = panels ? Math.ceilDiv(step, panel) * panel : step;
        float[] read = new float[Math.multiplyExact(step, columns)];
        ByteBuffer staging = ByteBuffer.allocateDirect(Math.multiplyExact(stored * columns, ElementType.BYTES))
                .order(ByteOrder.nativeOrder());
        for (int first = 0; first < rows; first += step) {
            int count = Math.min(step, rows - first);
            source.read(use.weight(), first, count, read, 0);
            FloatBuffer floats = staging.clear().asFloatBuffer();
            int elements = panels ? pack(read, count, columns, floats) : count * columns;
            if (!panels) {
                floats.put(0, read, 0, elements);
            }
            queue.write(buffer, (long) first * columns * ElementType.BYTES, staging, elements * ElementType.BYTES);
        }
    }

    /** Transposes rows within panels; returns the floats written. */
    private int pack(float[] rows, int count, int columns, FloatBuffer packed) {
        int panels = Math.ceilDiv(count, panel);
        float[] one = new float[panel * columns];
        for (int p = 0; p < panels; p++) {
            int present = Math.min(panel, count - p * panel);
            for (int c = 0; c < columns; c++) {
                int from = p * panel * columns + c;
                int to = c * panel;
                for (int r = 0; r < present; r++) {
                    one[to + r] = rows[from + r * columns];
                }
                for (int r = present; r < panel; r++) {
                    one[to + r] = 0;
                }
            }
            packed.put(p * one.length, one);
        }
        return panels * one.length;
    }

    void close() {
        weights.values().forEach(CL::clReleaseMemObject);
        states.values().forEach(CL::clReleaseMemObject);
        weights.clear();
        states.clear();
    }

    /** Makes buffers of a context. */
    record Buffers(cl_context context, String device) {

        cl_mem create(long bytes, String what) {
            int[] code = new int[1];
            cl_mem buffer = CL.clCreateBuffer(context, CL.CL_MEM_READ_WRITE, Math.max(bytes, 256), null, code);
            ClErrors.check(code[0], "clCreateBuffer of " + bytes + " bytes for " + what, device);
            return buffer;
        }
    }
}
