package dev.gyre.cpu;

import dev.gyre.backend.Bindings;
import dev.gyre.backend.DeviceException;
import dev.gyre.backend.Executable;
import dev.gyre.backend.InputChecks;
import dev.gyre.backend.MemoryPlan;
import dev.gyre.backend.WeightSource;
import dev.gyre.graph.ElementType;
import dev.gyre.graph.Graph;
import dev.gyre.graph.Operation;
import dev.gyre.graph.Program;
import dev.gyre.graph.Tensor;
import dev.gyre.graph.Tensor.Input;
import dev.gyre.graph.Tensor.State;
import dev.gyre.graph.Tensor.Value;
import dev.gyre.graph.Tensor.Weight;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;

/** A program as the reference runs it: one array per tensor, new ones for the values of every run. */
final class ReferenceExecutable implements Executable {

    private final ReferenceDevice device;
    private final Program program;
    private final MemoryPlan memory;
    private final Map<Tensor, Object> resident = new HashMap<>();
    private final Map<Graph, InputChecks> checks = new HashMap<>();
    private final Map<Graph, ReferenceRun> lastRuns = new HashMap<>();
    private long runs;
    private boolean closed;

    ReferenceExecutable(ReferenceDevice device, Program program, MemoryPlan memory, WeightSource weights) {
        this.device = device;
        this.program = program;
        this.memory = memory;
        for (Graph graph : program.graphs()) {
            checks.put(graph, InputChecks.of(graph));
        }
        for (Weight weight : program.weights()) {
            resident.put(weight, weights.read(weight));
            device.countUp(weight.shape().limit() * ElementType.BYTES);
        }
        for (State state : program.states()) {
            int elements = Math.toIntExact(state.shape().limit());
            resident.put(state, state.type() == ElementType.INT32 ? new int[elements] : new float[elements]);
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
        Graph graph = bindings.graph();
        InputChecks check = checks.get(graph);
        if (check == null) {
            throw new IllegalArgumentException(
                    "graph " + graph.name() + " is not one of the compiled program " + program.name());
        }
        check.run(bindings);
        Map<Tensor, Object> arrays = new HashMap<>(resident);
        for (Input input : graph.inputs()) {
            int elements = bindings.elements(input);
            Object copy = input.type() == ElementType.INT32
                    ? Arrays.copyOf(bindings.ints(input), elements)
                    : Arrays.copyOf(bindings.floats(input), elements);
            arrays.put(input, copy);
            device.countUp((long) elements * ElementType.BYTES);
        }
        for (Operation operation : graph.operations()) {
            for (Tensor written : operation.writes()) {
                if (written instanceof Value value) {
                    int elements = bindings.elements(value);
                    arrays.computeIfAbsent(
                            value, _ -> value.type() == ElementType.INT32 ? new int[elements] : new float[elements]);
                }
            }
        }
        ReferenceRun run = new ReferenceRun(arrays, bindings, ++runs);
        graph.operations().forEach(run::execute);
        lastRuns.put(graph, run);
    }

    @Override
    public void read(Value output, float[] destination, int count) {
        System.arraycopy(last(output, ElementType.FLOAT32, count), 0, destination, 0, count);
        device.countDown((long) count * ElementType.BYTES);
    }

    @Override
    public void read(Value output, int[] destination, int count) {
        System.arraycopy(last(output, ElementType.INT32, count), 0, destination, 0, count);
        device.countDown((long) count * ElementType.BYTES);
    }

    /** Graphs may have outputs that are equal; then the one that ran last is meant. */
    private Object last(Value output, ElementType type, int count) {
        requireOpen();
        boolean known = false;
        ReferenceRun last = null;
        for (Graph graph : program.graphs()) {
            if (graph.outputs().contains(output)) {
                known = true;
                ReferenceRun run = lastRuns.get(graph);
                if (run != null && (last == null || run.number() > last.number())) {
                    last = run;
                }
            }
        }
        int elements = last == null ? 0 : last.elements(output);
        OutputChecks.require(program, output, type, known, last != null, count, elements);
        return Objects.requireNonNull(last).array(output);
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
        resident.clear();
        lastRuns.clear();
    }
}
