package dev.gyre.opencl;

import dev.gyre.backend.WeightSource;
import dev.gyre.graph.ElementType;
import dev.gyre.graph.Tensor.State;
import dev.gyre.graph.Tensor.Weight;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import org.jocl.CL;
import org.jocl.cl_context;
import org.jocl.cl_mem;

/** The weights and states of a program on the device. */
final class Residents {

    private final Buffers buffers;
    private final Queue queue;
    private final Packing packing;
    private final Map<WeightUse, cl_mem> weights = new HashMap<>();
    private final Map<State, cl_mem> states = new HashMap<>();

    Residents(Buffers buffers, Queue queue, Packing packing) {
        this.buffers = buffers;
        this.queue = queue;
        this.packing = packing;
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

    /** Room for a state, with the same number everywhere. */
    void add(State state, int bits) {
        add(state);
        queue.fill(state(state), bits, stateBytes(state));
    }

    /** Room for a state, in which anything may be: on a CPU rows take memory only when they are written. */
    void add(State state) {
        states.put(state, buffers.create(stateBytes(state), "cache " + state.name()));
    }

    static long stateBytes(State state) {
        return Math.multiplyExact(state.shape().limit() + Packing.PAD, (long) ElementType.BYTES);
    }

    /** Room for a weight, packed where it is used so. */
    void add(WeightUse use) {
        cl_mem buffer = buffers.create(
                packing.bytes(use.weight(), use.layout()),
                "weight " + use.weight().name());
        weights.put(use, buffer);
    }

    /** Uploads a weight. */
    void fill(WeightUse use, WeightSource source, WeightUpload upload) {
        upload.send(use, source, Objects.requireNonNull(weights.get(use)));
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
