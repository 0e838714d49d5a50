package dev.gyre.tornado;

import dev.gyre.backend.Bindings;
import dev.gyre.backend.DeviceException;
import dev.gyre.graph.Graph;
import dev.gyre.graph.Program;
import dev.gyre.graph.Tensor.Value;
import dev.gyre.tornado.TaskRecorder.Task;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
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

    /** TornadoVM notes the tasks of a graph in 8192 bytes; a task with 20 arguments takes 115. */
    private static final int TASKS_OF_A_GRAPH = 64;

    /** One of the task graphs that a graph has become. The first brings the inputs. */
    private record Part(int index, String name, List<Launch> launches) {}

    private final TaskGraphDevice device;
    private final TornadoExecutionPlan plan;
    private final Map<Graph, List<Part>> parts;
    private final boolean profiled;
    private Profile profile = Profile.NONE;
    private boolean failed;

    private TaskGraphs(TaskGraphDevice device, TornadoExecutionPlan plan, Map<Graph, List<Part>> parts) {
        this.device = device;
        this.plan = plan;
        this.parts = parts;
        this.profiled = Boolean.parseBoolean(device.options().tuning().get("tornado.profiler"));
    }

    static TaskGraphs build(TaskGraphDevice device, Program program, ProgramMemory memory) {
        Choice choice = new Choice(device.description(), device.options());
        Map<Graph, List<List<Task>>> segments = new LinkedHashMap<>();
        Set<TornadoNativeArray> resident = new LinkedHashSet<>();
        resident.add(memory.arena());
        for (Graph graph : program.graphs()) {
            List<Task> tasks = new TaskRecorder(graph, memory, choice).tasks();
            tasks.forEach(t -> resident.addAll(t.used()));
            resident.addAll(memory.block(graph).arrays());
            graph.outputs().forEach(v -> resident.add(memory.output(v)));
            segments.put(graph, cut(tasks));
        }
        Map<Graph, List<Part>> parts = new LinkedHashMap<>();
        int index = 1;
        for (Graph graph : program.graphs()) {
            List<Part> own = new ArrayList<>();
            own.add(new Part(index++, name(graph, 0), List.of()));
            for (List<Task> segment : segments.get(graph)) {
                List<Launch> launches = segment.stream().map(Task::launch).toList();
                own.add(new Part(index++, name(graph, own.size()), launches));
            }
            parts.put(graph, own);
        }
        List<String> names =
                parts.values().stream().flatMap(List::stream).map(Part::name).toList();
        GridScheduler grids = new GridScheduler();
        List<ImmutableTaskGraph> snapshots = new ArrayList<>();
        snapshots.add(ResidentGraph.of(List.copyOf(resident), grids));
        parts.forEach((graph, own) -> {
            Set<TornadoNativeArray> none = new LinkedHashSet<>();
            Snapshot bring = new Snapshot(own.getFirst().name(), memory, names, grids);
            snapshots.add(bring.ofInputs(memory.block(graph)));
            for (int i = 1; i < own.size(); i++) {
                Set<TornadoNativeArray> read = none;
                if (i == own.size() - 1) {
                    read = new LinkedHashSet<>();
                    for (Value v : graph.outputs()) {
                        read.add(memory.output(v));
                    }
                }
                Snapshot snapshot = new Snapshot(own.get(i).name(), memory, names, grids);
                snapshots.add(snapshot.ofTasks(segments.get(graph).get(i - 1), read));
            }
        });

        TornadoExecutionPlan plan = new TornadoExecutionPlan(snapshots.toArray(ImmutableTaskGraph[]::new));
        TaskGraphs graphs = new TaskGraphs(device, plan, parts);
        try {
            plan.withDevice(device.tornado());
            plan.withCompilerFlags(TornadoVMBackendType.OPENCL, COMPILER_FLAGS);
            plan.withGridScheduler(grids);
            if (graphs.profiled) {
                plan.withProfiler(ProfilerMode.SILENT);
            }
            long largestGroup = largestGroup(device);
            for (List<Part> own : parts.values()) {
                for (Part part : own) {
                    part.launches().forEach(l -> l.requireAtMost(largestGroup));
                    graphs.execute(0, "the graph that uploads");
                    graphs.execute(part.index(), part.name());
                    part.launches().forEach(Launch::requireKept);
                }
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

    /**
     * Tasks in the order in which they run, cut before every prebuilt one: TornadoVM launches a prebuilt task with the
     * code of the first task of its task graph, whatever that is, and says nothing.
     */
    private static List<List<Task>> cut(List<Task> tasks) {
        List<List<Task>> segments = new ArrayList<>();
        List<Task> segment = new ArrayList<>();
        for (Task task : tasks) {
            if (!segment.isEmpty() && (task.prebuilt() || segment.size() == TASKS_OF_A_GRAPH)) {
                segments.add(List.copyOf(segment));
                segment.clear();
            }
            segment.add(task);
        }
        segments.add(List.copyOf(segment));
        return segments;
    }

    /** Makes one task graph. */
    private record Snapshot(String name, ProgramMemory memory, List<String> names, GridScheduler grids) {

        /** @param read what somebody reads from this task graph, whether its tasks look at it or not */
        ImmutableTaskGraph ofTasks(List<Task> tasks, Set<TornadoNativeArray> read) {
            Set<TornadoNativeArray> used = new LinkedHashSet<>(read);
            tasks.forEach(t -> used.addAll(t.used()));
            TaskGraph graph = consuming(used);
            for (Task task : tasks) {
                task.add().accept(graph);
                grids.addWorkerGrid(name + "." + task.id(), task.launch().grid());
            }
            return graph.snapshot();
        }

        /** The task graph that brings the inputs of a run. */
        ImmutableTaskGraph ofInputs(RunBlock block) {
            TaskGraph graph = consuming(new LinkedHashSet<>(block.arrays()));
            graph.transferToDevice(
                    DataTransferMode.EVERY_EXECUTION, block.staged().toArray());
            CopyTask.add(graph, name, block.staged(), block.arrays(), grids);
            return graph.snapshot();
        }

        private TaskGraph consuming(Set<TornadoNativeArray> used) {
            used.add(memory.arena());
            TaskGraph graph = new TaskGraph(name);
            graph.consumeFromDevice(ResidentGraph.NAME, used.toArray());
            names.forEach(other -> graph.consumeFromDevice(other, memory.arena()));
            return graph;
        }
    }

    /** Names of graphs are the user's, those of task graphs must be words. */
    private static String name(Graph graph, int part) {
        return "graph_" + graph.name().replaceAll("[^A-Za-z0-9_]", "_") + "_" + part;
    }

    /** Runs a graph with the sizes of these bindings and waits for it. */
    TornadoExecutionResult execute(Graph graph, Bindings bindings) {
        TornadoExecutionResult result = null;
        profile = Profile.NONE;
        for (Part part : parts.get(graph)) {
            part.launches().forEach(l -> l.follow(bindings));
            result = execute(part.index(), graph.name());
            if (profiled) {
                profile = profile.and(result);
            }
            part.launches().forEach(Launch::requireKept);
        }
        return Objects.requireNonNull(result, "a graph has operations");
    }

    private TornadoExecutionResult execute(int index, String name) {
        if (failed) {
            throw new DeviceException(device.description().id() + " failed before; open it anew");
        }
        try {
            return plan.withGraph(index).execute();
        } catch (RuntimeException | Error e) {
            failed = true;
            throw new DeviceException(device.description().id() + " failed in " + name + ": " + Sdk.firstLine(e), e);
        }
    }

    /** What TornadoVM counted in the last run of a graph, with {@code tornado.profiler}. */
    Profile profile() {
        return profile;
    }

    /** Copies the first elements of an output of a graph to the host. */
    void fetch(Graph graph, TornadoExecutionResult result, DataRange range) {
        plan.withGraph(parts.get(graph).getLast().index());
        result.transferToHost(range);
    }

    @Override
    public void close() {
        // After withGraph the plan would free the buffers of that graph alone.
        plan.withAllGraphs();
        plan.freeDeviceMemory();
    }
}
