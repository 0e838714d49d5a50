package dev.gyre.tornado;

import dev.gyre.backend.Bindings;
import dev.gyre.backend.DeviceException;
import dev.gyre.backend.Executable;
import dev.gyre.backend.InputChecks;
import dev.gyre.backend.MemoryPlan;
import dev.gyre.backend.WeightSource;
import dev.gyre.graph.ElementType;
import dev.gyre.graph.Graph;
import dev.gyre.graph.Program;
import dev.gyre.graph.Tensor.Value;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.SequencedMap;
import java.util.concurrent.locks.ReentrantLock;
import uk.ac.manchester.tornado.api.DataRange;
import uk.ac.manchester.tornado.api.TornadoExecutionResult;
import uk.ac.manchester.tornado.api.types.arrays.TornadoNativeArray;

/** A program as task graphs in one execution plan. */
final class TaskGraphExecutable implements Executable {

    /** TornadoVM's compiler, buffer lists and code cache are shared by all plans of the JVM and not made for threads. */
    private static final ReentrantLock TORNADO = new ReentrantLock();

    private final TaskGraphDevice device;
    private final Program program;
    private final MemoryPlan plan;
    private final ProgramMemory memory;
    private final TaskGraphs graphs;
    private final Map<Graph, TornadoExecutionResult> results = new HashMap<>();
    /** In the order of the last runs. */
    private final SequencedMap<Graph, Bindings> last = new LinkedHashMap<>();

    private final Map<Graph, InputChecks> checks = new HashMap<>();
    private boolean closed;

    private TaskGraphExecutable(
            TaskGraphDevice device, Program program, MemoryPlan plan, ProgramMemory memory, TaskGraphs graphs) {
        this.device = device;
        this.program = program;
        this.plan = plan;
        this.memory = memory;
        this.graphs = graphs;
        program.graphs().forEach(g -> checks.put(g, InputChecks.of(g)));
    }

    static TaskGraphExecutable compile(TaskGraphDevice device, Program program, WeightSource weights) {
        String id = device.description().id();
        WeightForms forms = WeightForms.of(program);
        MemoryPlan plan =
                ProgramMemory.plan(program, forms, device.description().maxBufferBytes(), id);
        long limit = device.options().memoryLimit();
        plan.requireWithin(limit == 0 ? device.description().memoryBytes() : limit, id);
        ProgramMemory memory =
                ProgramMemory.of(program, forms, weights, new Choice(device.description(), device.options()).width());
        TORNADO.lock();
        try {
            TaskGraphs graphs = TaskGraphs.build(device, program, memory);
            return new TaskGraphExecutable(device, program, plan, memory, graphs);
        } finally {
            TORNADO.unlock();
        }
    }

    @Override
    public Program program() {
        return program;
    }

    @Override
    public MemoryPlan memory() {
        return plan;
    }

    @Override
    public void run(Bindings bindings) {
        requireOpen();
        Graph graph = bindings.graph();
        RunBlock block = memory.block(graph);
        Objects.requireNonNull(checks.get(graph)).run(bindings);
        RunBlock.Parcel parcel = block.fill(bindings);
        TORNADO.lock();
        try {
            results.put(graph, graphs.execute(graph, bindings, parcel));
        } finally {
            TORNADO.unlock();
        }
        last.putLast(graph, bindings);
        device.countUp(parcel.bytes());
    }

    @Override
    public void read(Value output, float[] destination, int count) {
        MemorySegment segment = fetch(output, ElementType.FLOAT32, count);
        MemorySegment.copy(segment, ValueLayout.JAVA_FLOAT, TornadoNativeArray.ARRAY_HEADER, destination, 0, count);
    }

    @Override
    public void read(Value output, int[] destination, int count) {
        MemorySegment segment = fetch(output, ElementType.INT32, count);
        MemorySegment.copy(segment, ValueLayout.JAVA_INT, TornadoNativeArray.ARRAY_HEADER, destination, 0, count);
    }

    private MemorySegment fetch(Value output, ElementType type, int count) {
        requireOpen();
        Graph graph = graphOf(output);
        if (output.type() != type) {
            throw new IllegalArgumentException("output " + output.name() + " is " + output.type() + ", not " + type);
        }
        TornadoExecutionResult result = results.get(graph);
        Bindings bindings = last.get(graph);
        if (result == null || bindings == null) {
            throw new IllegalArgumentException(
                    "output " + output.name() + " cannot be read: graph " + graph.name() + " has not run");
        }
        int there = bindings.elements(output);
        if (count < 0 || count > there) {
            throw new IllegalArgumentException("output " + output.name() + " has " + there
                    + " elements after the last run; " + count + " cannot be read");
        }
        TornadoNativeArray array = memory.output(output);
        if (count > 0) {
            TORNADO.lock();
            try {
                graphs.fetch(graph, result, new DataRange(array).withSize(count));
            } finally {
                TORNADO.unlock();
            }
            device.countDown((long) count * ElementType.BYTES);
        }
        return array.getSegmentWithHeader();
    }

    /** Graphs may have outputs that are equal; then the one that ran last is meant. */
    private Graph graphOf(Value output) {
        for (Graph graph : last.sequencedKeySet().reversed()) {
            if (graph.outputs().contains(output)) {
                return graph;
            }
        }
        for (Graph graph : program.graphs()) {
            if (graph.outputs().contains(output)) {
                return graph;
            }
        }
        throw new IllegalArgumentException(output.name() + " is no output of program " + program.name());
    }

    private void requireOpen() {
        device.requireOpen();
        if (closed) {
            throw new DeviceException("the compiled program " + program.name() + " is closed");
        }
    }

    /** What TornadoVM counted in the last run, with {@code tornado.profiler}. */
    Profile profile() {
        return graphs.profile();
    }

    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        device.forget(this);
        results.clear();
        TORNADO.lock();
        try {
            graphs.close();
        } finally {
            TORNADO.unlock();
        }
    }
}
