package dev.gyre.opencl;

import dev.gyre.backend.Bindings;
import dev.gyre.backend.DeviceException;
import dev.gyre.backend.Executable;
import dev.gyre.backend.MemoryPlan;
import dev.gyre.backend.WeightSource;
import dev.gyre.graph.ElementType;
import dev.gyre.graph.Graph;
import dev.gyre.graph.Program;
import dev.gyre.graph.Tensor.State;
import dev.gyre.graph.Tensor.Value;
import java.nio.ByteBuffer;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** A program on an OpenCL device. */
final class OpenClExecutable implements Executable {

    private final OpenClDevice device;
    private final Program program;
    private final MemoryPlan memory;
    private final Residents residents;
    private final Map<Graph, CompiledGraph> graphs = new LinkedHashMap<>();
    private long runs;
    private boolean closed;

    OpenClExecutable(OpenClDevice device, Program program, MemoryPlan memory, WeightSource weights) {
        this.device = device;
        this.program = program;
        this.memory = memory;
        Residents.Buffers buffers = device.buffers();
        residents =
                new Residents(buffers, device.queue(), device.kernels().tuning().packing());
        try {
            Set<WeightUse> uses = WeightUse.of(program);
            uses.forEach(residents::add);
            addStates();
            for (Graph graph : program.graphs()) {
                graphs.put(graph, new CompiledGraph(graph, device.kernels(), residents, buffers));
            }
            // What has to be compiled is compiled while weights are packed and sent.
            Optional<FusedKernels> fused = device.kernels().prepare(graphs.values(), memory.weights());
            WeightUpload upload =
                    new WeightUpload(device.queue(), device.kernels().tuning().packing());
            uses.forEach(use -> residents.fill(use, weights, upload));
            graphs.values().forEach(graph -> graph.make(fused, device));
        } catch (RuntimeException | Error e) {
            close();
            throw e;
        }
    }

    private void addStates() {
        Set<State> attended = program.attended();
        boolean poisoned = device.kernels().tuning().poisoned();
        for (State state : program.states()) {
            if (!attended.contains(state)) {
                residents.add(state, 0);
            } else if (poisoned) {
                residents.add(state, Float.floatToRawIntBits(Float.NaN));
            } else {
                residents.add(state);
            }
        }
    }

    @Override
    public Program program() {
        return program;
    }

    @Override
    public MemoryPlan memory() {
        return memory;
    }

    @Override
    public void run(Bindings bindings) {
        requireOpen();
        CompiledGraph graph = graphs.get(bindings.graph());
        if (graph == null) {
            throw new IllegalArgumentException(
                    "graph " + bindings.graph().name() + " is not one of the compiled program " + program.name());
        }
        graph.run(bindings, device.queue(), ++runs);
    }

    @Override
    public void read(Value output, float[] destination, int count) {
        read(output, ElementType.FLOAT32, destination.length, count)
                .asFloatBuffer()
                .get(destination, 0, count);
    }

    @Override
    public void read(Value output, int[] destination, int count) {
        read(output, ElementType.INT32, destination.length, count).asIntBuffer().get(destination, 0, count);
    }

    /** Graphs may have outputs that are equal; then the one that ran last is meant. */
    private ByteBuffer read(Value output, ElementType type, int room, int count) {
        requireOpen();
        device.queue().checkRunning();
        CompiledGraph graph = graphs.values().stream()
                .filter(g -> g.graph().outputs().contains(output))
                .max(Comparator.comparingLong(CompiledGraph::lastRun))
                .orElseThrow(() ->
                        new IllegalArgumentException(output.name() + " is no output of program " + program.name()));
        if (output.type() != type) {
            throw new IllegalArgumentException("output " + output.name() + " is " + output.type() + ", not " + type);
        }
        long there = graph.elements(output);
        if (there < 0) {
            throw new IllegalArgumentException("output " + output.name() + " cannot be read: graph "
                    + graph.graph().name() + " has not run");
        }
        if (count < 0 || count > there || count > room) {
            throw new IllegalArgumentException("output " + output.name() + " has " + there
                    + " elements after the last run and the destination " + room + "; " + count + " cannot be read");
        }
        return device.queue().read(graph.arena(), graph.offset(output), Math.multiplyExact(count, ElementType.BYTES));
    }

    private void requireOpen() {
        device.requireOpen();
        if (closed) {
            throw new DeviceException("the compiled program " + program.name() + " is closed");
        }
    }

    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        device.queue().drain();
        graphs.values().forEach(CompiledGraph::close);
        graphs.clear();
        residents.close();
        device.forget(this);
    }
}
