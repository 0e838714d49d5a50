package dev.gyre.cpu;

import dev.gyre.backend.Bindings;
import dev.gyre.backend.DeviceException;
import dev.gyre.backend.Executable;
import dev.gyre.backend.MemoryPlan;
import dev.gyre.backend.WeightSource;
import dev.gyre.graph.BufferPlan;
import dev.gyre.graph.ElementType;
import dev.gyre.graph.Graph;
import dev.gyre.graph.Program;
import dev.gyre.graph.Tensor;
import dev.gyre.graph.Tensor.State;
import dev.gyre.graph.Tensor.Value;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** A program in this JVM's memory. A run is done when it returns. */
final class CpuExecutable implements Executable {

    private final CpuDevice device;
    private final Program program;
    private final MemoryPlan memory;
    private List<CompiledGraph> graphs = new ArrayList<>();
    private long runs;
    private boolean closed;

    CpuExecutable(
            CpuDevice device,
            Program program,
            MemoryPlan memory,
            WeightSource source,
            Kernels kernels,
            WorkerPool pool) {
        this.device = device;
        this.program = program;
        this.memory = memory;
        ModelWeights weights = new ModelWeights(program, source, kernels.panelWidth());
        device.countUp(memory.weights());
        Map<Tensor, Floats> floatStates = new HashMap<>();
        Map<Tensor, int[]> intStates = new HashMap<>();
        for (State state : program.states()) {
            int elements = Math.toIntExact(state.shape().limit());
            if (state.type() == ElementType.INT32) {
                intStates.put(state, new int[elements]);
            } else {
                floatStates.put(state, new Floats(new float[elements], 0));
            }
        }
        Scratch.Need need = Scratch.Need.NONE;
        for (Graph graph : program.graphs()) {
            CompiledGraph compiled =
                    new CompiledGraph(graph, new Compilation(graph, kernels, pool, weights, floatStates, intStates));
            need = need.max(compiled.need());
            graphs.add(compiled);
        }
        Scratch scratch = new Scratch(pool.threads(), need);
        graphs.forEach(g -> g.use(scratch));
    }

    /** Bytes of a program; every graph has an arena of its own. */
    static MemoryPlan plan(Program program, int panelWidth) {
        MemoryPlan shared = MemoryPlan.of(program, ModelWeights.bytes(program, panelWidth));
        long arenas = program.graphs().stream()
                .mapToLong(g -> BufferPlan.of(g).bytes())
                .sum();
        return new MemoryPlan(shared.weights(), shared.states(), arenas, shared.inputs());
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
        compiled(bindings.graph()).run(bindings, ++runs, device);
    }

    /** By identity first: comparing graphs means comparing everything in them. */
    private CompiledGraph compiled(Graph graph) {
        for (CompiledGraph g : graphs) {
            if (g.graph() == graph) {
                return g;
            }
        }
        for (CompiledGraph g : graphs) {
            if (g.graph().equals(graph)) {
                return g;
            }
        }
        throw new IllegalArgumentException(
                "graph " + graph.name() + " is not one of the compiled program " + program.name());
    }

    @Override
    public void read(Value output, float[] destination, int count) {
        lastWriter(output, ElementType.FLOAT32, count).read(output, destination, count);
        device.countDown((long) count * ElementType.BYTES);
    }

    @Override
    public void read(Value output, int[] destination, int count) {
        lastWriter(output, ElementType.INT32, count).read(output, destination, count);
        device.countDown((long) count * ElementType.BYTES);
    }

    /** Graphs may have outputs that are equal; then the one that ran last is meant. */
    private CompiledGraph lastWriter(Value output, ElementType type, int count) {
        requireOpen();
        CompiledGraph last = null;
        for (CompiledGraph g : graphs) {
            if (g.graph().outputs().contains(output) && (last == null || g.lastRun() > last.lastRun())) {
                last = g;
            }
        }
        OutputChecks.require(
                program,
                output,
                type,
                last != null,
                last != null && last.lastRun() > 0,
                count,
                last == null || last.lastRun() == 0 ? 0 : last.elements(output));
        return java.util.Objects.requireNonNull(last);
    }

    private void requireOpen() {
        device.requireOpen();
        if (closed) {
            throw new DeviceException("the compiled program " + program.name() + " is closed");
        }
    }

    @Override
    public void close() {
        closed = true;
        graphs = List.of();
    }
}
