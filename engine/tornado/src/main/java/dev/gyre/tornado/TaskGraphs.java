package dev.gyre.tornado;

import dev.gyre.backend.Bindings;
import dev.gyre.backend.DeviceException;
import dev.gyre.graph.ElementType;
import dev.gyre.graph.Graph;
import dev.gyre.graph.Program;
import dev.gyre.graph.Tensor.Value;
import dev.gyre.tornado.TaskRecorder.Task;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import uk.ac.manchester.tornado.api.DataRange;
import uk.ac.manchester.tornado.api.GridScheduler;
import uk.ac.manchester.tornado.api.ImmutableTaskGraph;
import uk.ac.manchester.tornado.api.TaskGraph;
import uk.ac.manchester.tornado.api.TornadoExecutionPlan;
import uk.ac.manchester.tornado.api.TornadoExecutionResult;
import uk.ac.manchester.tornado.api.enums.DataTransferMode;
import uk.ac.manchester.tornado.api.enums.ProfilerMode;
import uk.ac.manchester.tornado.api.enums.TornadoVMBackendType;
import uk.ac.manchester.tornado.api.types.arrays.TornadoNativeArray;

/**
 * The task graphs of a program in one execution plan.
 *
 * <p>Task graph 0, {@link ResidentGraph}, only brings weights, caches, the arena and what describes tasks to the device,
 * once. The others take them from there. TornadoVM hands buffers from the graph that was executed last to the next, and
 * only those that the next graph names for it; an object that the last graph did not have would lose its buffer. So each
 * graph is executed once right after graph 0, when the plan is made, and from every other graph it takes the arena alone,
 * which all have.
 */
final class TaskGraphs implements AutoCloseable {

    /**
     * TornadoVM's default has -cl-fast-relaxed-math: no infinities, reordered sums. A banned token is an infinity, and the
     * order of sums is promised.
     */
    private static final String COMPILER_FLAGS = "-w";

    private final TaskGraphDevice device;
    private final TornadoExecutionPlan plan;
    private final Map<Graph, Integer> indices = new LinkedHashMap<>();
    private final Map<Graph, List<Launch>> launches = new LinkedHashMap<>();
    private boolean failed;

    private TaskGraphs(TaskGraphDevice device, TornadoExecutionPlan plan) {
        this.device = device;
        this.plan = plan;
    }

    static TaskGraphs build(TaskGraphDevice device, Program program, ProgramMemory memory) {
        Map<Graph, TaskRecorder> recorders = new LinkedHashMap<>();
        for (Graph graph : program.graphs()) {
            recorders.put(graph, new TaskRecorder(graph, memory));
        }
        Set<TornadoNativeArray> resident = new LinkedHashSet<>();
        resident.add(memory.arena());
        for (Map.Entry<Graph, TaskRecorder> e : recorders.entrySet()) {
            resident.addAll(residents(e.getKey(), e.getValue(), memory));
        }
        List<ImmutableTaskGraph> snapshots = new ArrayList<>();
        GridScheduler grids = new GridScheduler();
        snapshots.add(ResidentGraph.of(List.copyOf(resident), grids));
        recorders.forEach((graph, recorder) -> snapshots.add(snapshot(graph, recorder, memory, program, grids)));

        TornadoExecutionPlan plan = new TornadoExecutionPlan(snapshots.toArray(ImmutableTaskGraph[]::new));
        TaskGraphs graphs = new TaskGraphs(device, plan);
        try {
            plan.withDevice(device.tornado());
            plan.withCompilerFlags(TornadoVMBackendType.OPENCL, COMPILER_FLAGS);
            plan.withGridScheduler(grids);
            if (Boolean.parseBoolean(device.options().tuning().get("tornado.profiler"))) {
                plan.withProfiler(ProfilerMode.SILENT);
            }
            long largestGroup = largestGroup(device);
            recorders.forEach((graph, recorder) -> {
                graphs.indices.put(graph, graphs.indices.size() + 1);
                List<Launch> own = recorder.tasks().stream().map(Task::launch).toList();
                own.forEach(l -> l.requireAtMost(largestGroup));
                graphs.launches.put(graph, own);
            });
            for (Graph graph : program.graphs()) {
                graphs.execute(0, "the graph that uploads");
                graphs.execute(graphs.indices.get(graph), graph.name());
                graphs.launches.get(graph).forEach(Launch::requireKept);
            }
            resident.forEach(a -> device.countUp(a.getNumBytesOfSegmentWithHeader()));
        } catch (RuntimeException e) {
            try {
                graphs.close();
            } catch (RuntimeException suppressed) {
                e.addSuppressed(suppressed);
            }
            throw e;
        }
        return graphs;
    }

    private static long largestGroup(TaskGraphDevice device) {
        long[] sizes = device.tornado().getPhysicalDevice().getDeviceMaxWorkGroupSize();
        return sizes == null || sizes.length == 0 ? Long.MAX_VALUE : sizes[0];
    }

    /** What a graph looks at and shares: everything but its run block and what is read from it. */
    private static Set<TornadoNativeArray> residents(Graph graph, TaskRecorder recorder, ProgramMemory memory) {
        Set<TornadoNativeArray> shared = new LinkedHashSet<>(recorder.used());
        memory.block(graph).arrays().forEach(shared::remove);
        own(graph, recorder, memory).forEach(shared::remove);
        return shared;
    }

    private static Set<TornadoNativeArray> own(Graph graph, TaskRecorder recorder, ProgramMemory memory) {
        Set<TornadoNativeArray> own = new LinkedHashSet<>();
        for (TornadoNativeArray array : recorder.used()) {
            if (memory.isOutput(array)) {
                own.add(array);
            }
        }
        return own;
    }

    private static ImmutableTaskGraph snapshot(
            Graph graph, TaskRecorder recorder, ProgramMemory memory, Program program, GridScheduler grids) {
        String name = name(graph);
        TaskGraph tasks = new TaskGraph(name);
        tasks.transferToDevice(
                DataTransferMode.EVERY_EXECUTION, memory.block(graph).arrays().toArray());
        Object[] own = own(graph, recorder, memory).toArray();
        if (own.length > 0) {
            tasks.transferToDevice(DataTransferMode.FIRST_EXECUTION, own);
        }
        tasks.consumeFromDevice(
                ResidentGraph.NAME, residents(graph, recorder, memory).toArray());
        for (Graph other : program.graphs()) {
            tasks.consumeFromDevice(name(other), memory.arena());
        }
        for (Task task : recorder.tasks()) {
            task.add().accept(tasks);
            grids.addWorkerGrid(name + "." + task.id(), task.launch().grid());
        }
        if (own.length > 0) {
            tasks.transferToHost(DataTransferMode.UNDER_DEMAND, own);
        }
        return tasks.snapshot();
    }

    /** Names of graphs are the user's, those of task graphs must be words. */
    private static String name(Graph graph) {
        return "graph_" + graph.name().replaceAll("[^A-Za-z0-9_]", "_");
    }

    /** Runs a graph with the sizes of these bindings and waits for it. */
    TornadoExecutionResult execute(Graph graph, Bindings bindings) {
        launches.get(graph).forEach(l -> l.follow(bindings));
        TornadoExecutionResult result = execute(indices.get(graph), graph.name());
        launches.get(graph).forEach(Launch::requireKept);
        return result;
    }

    private TornadoExecutionResult execute(int index, String name) {
        if (failed) {
            throw new DeviceException(device.description().id() + " failed before; open it anew");
        }
        try {
            return plan.withGraph(index).execute();
        } catch (RuntimeException | Error e) {
            failed = true;
            throw new DeviceException(
                    device.description().id() + " failed in " + name + ": " + Sdk.firstLine(e), e);
        }
    }

    /** Copies the first elements of an output of a graph to the host. */
    void fetch(Graph graph, TornadoExecutionResult result, DataRange range) {
        plan.withGraph(indices.get(graph));
        result.transferToHost(range);
    }

    @Override
    public void close() {
        // After withGraph the plan would free the buffers of that graph alone.
        plan.withAllGraphs();
        plan.freeDeviceMemory();
    }
}
