package dev.gyre.tornado;

import dev.gyre.backend.Bindings;
import dev.gyre.backend.DeviceException;
import dev.gyre.graph.Graph;
import dev.gyre.graph.Program;
import dev.gyre.tornado.TaskRecorder.Task;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;
import uk.ac.manchester.tornado.api.DataRange;
import uk.ac.manchester.tornado.api.GridScheduler;
import uk.ac.manchester.tornado.api.ImmutableTaskGraph;
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
    static final String COMPILER_FLAGS = "-w";

    /** TornadoVM notes the tasks of a graph in 8192 bytes; some are left for what it notes besides. */
    private static final int BYTES_OF_A_GRAPH = 7500;

    /** One of the task graphs that a graph has become. */
    private record Part(int index, String name, List<Launch> launches, GridScheduler grids) {}

    /**
     * What a graph has become.
     *
     * @param inputs bring the inputs, one for each parcel of the run block; a run takes one of them
     * @param tasks follow, all of them in their order
     */
    private record Parts(List<Part> inputs, List<Part> tasks) {

        Stream<Part> all() {
            return Stream.concat(inputs.stream(), tasks.stream());
        }

        List<String> inputNames() {
            return inputs.stream().map(Part::name).toList();
        }
    }

    private final TaskGraphDevice device;
    private final TornadoExecutionPlan plan;
    private final Map<Graph, Parts> parts;
    private final boolean profiled;
    private Profile profile = Profile.NONE;
    private boolean failed;

    private TaskGraphs(TaskGraphDevice device, TornadoExecutionPlan plan, Map<Graph, Parts> parts) {
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
        Map<Graph, Parts> parts = new LinkedHashMap<>();
        int index = 1;
        for (Graph graph : program.graphs()) {
            List<Part> inputs = new ArrayList<>();
            for (RunBlock.Parcel parcel : memory.block(graph).parcels()) {
                inputs.add(new Part(index++, name(graph, "in" + parcel.index()), List.of(), new GridScheduler()));
            }
            List<Part> own = new ArrayList<>();
            for (List<Task> segment : segments.get(graph)) {
                List<Launch> launches = segment.stream().map(Task::launch).toList();
                own.add(new Part(index++, name(graph, "" + own.size()), launches, new GridScheduler()));
            }
            parts.put(graph, new Parts(List.copyOf(inputs), List.copyOf(own)));
        }
        // What can have been executed before the inputs of a run: the end of any graph.
        List<String> ends =
                parts.values().stream().map(own -> own.tasks().getLast().name()).toList();
        GridScheduler grids = new GridScheduler();
        List<ImmutableTaskGraph> snapshots = new ArrayList<>();
        snapshots.add(ResidentGraph.of(List.copyOf(resident), grids));
        parts.forEach((graph, own) -> {
            RunBlock block = memory.block(graph);
            for (RunBlock.Parcel parcel : block.parcels()) {
                Part part = own.inputs().get(parcel.index());
                snapshots.add(new Snapshot(part, memory, ends).ofInputs(block, parcel));
            }
            List<String> before = own.inputNames();
            for (int i = 0; i < own.tasks().size(); i++) {
                Part part = own.tasks().get(i);
                Set<TornadoNativeArray> read = new LinkedHashSet<>();
                if (part == own.tasks().getLast()) {
                    graph.outputs().forEach(v -> read.add(memory.output(v)));
                }
                Snapshot snapshot = new Snapshot(part, memory, before);
                snapshots.add(snapshot.ofTasks(segments.get(graph).get(i), read));
                before = List.of(part.name());
            }
        });

        TornadoExecutionPlan plan = new TornadoExecutionPlan(snapshots.toArray(ImmutableTaskGraph[]::new));
        TaskGraphs graphs = new TaskGraphs(device, plan, parts);
        try {
            plan.withDevice(device.tornado());
            plan.withCompilerFlags(TornadoVMBackendType.OPENCL, COMPILER_FLAGS);
            if (graphs.profiled) {
                plan.withProfiler(ProfilerMode.SILENT);
            }
            long largestGroup = largestGroup(device);
            for (Parts own : parts.values()) {
                for (Part part : own.all().toList()) {
                    part.launches().forEach(l -> l.requireAtMost(largestGroup));
                    graphs.execute(0, grids, "the graph that uploads");
                    graphs.execute(part.index(), part.grids(), part.name());
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

    /** Tasks in the order in which they run, in as few task graphs as hold them. */
    private static List<List<Task>> cut(List<Task> tasks) {
        List<List<Task>> segments = new ArrayList<>();
        List<Task> segment = new ArrayList<>();
        int bytes = 0;
        for (Task task : tasks) {
            if (!segment.isEmpty() && bytes + task.bytes() > BYTES_OF_A_GRAPH) {
                segments.add(List.copyOf(segment));
                segment.clear();
                bytes = 0;
            }
            segment.add(task);
            bytes += task.bytes();
        }
        segments.add(List.copyOf(segment));
        return segments;
    }

    /** Makes one task graph; {@code before} are those that can have been executed just before it. */
    private record Snapshot(Part part, ProgramMemory memory, List<String> before) {

        /** @param read what somebody reads from this task graph, whether its tasks look at it or not */
        ImmutableTaskGraph ofTasks(List<Task> tasks, Set<TornadoNativeArray> read) {
            Set<TornadoNativeArray> used = new LinkedHashSet<>(read);
            tasks.forEach(t -> used.addAll(t.used()));
            MixedTaskGraph graph = consuming(used);
            for (Task task : tasks) {
                task.add().accept(graph);
                part.grids()
                        .addWorkerGrid(
                                part.name() + "." + task.id(), task.launch().grid());
            }
            return graph.snapshot();
        }

        /** The task graph that brings the inputs of a run in a parcel. */
        ImmutableTaskGraph ofInputs(RunBlock block, RunBlock.Parcel parcel) {
            MixedTaskGraph graph = consuming(new LinkedHashSet<>(block.arrays()));
            graph.transferToDevice(DataTransferMode.EVERY_EXECUTION, parcel.array());
            CopyTask.add(graph, part.name(), block, parcel, part.grids());
            return graph.snapshot();
        }

        private MixedTaskGraph consuming(Set<TornadoNativeArray> used) {
            used.add(memory.arena());
            MixedTaskGraph graph = new MixedTaskGraph(part.name());
            graph.consumeFromDevice(ResidentGraph.NAME, used.toArray());
            before.forEach(other -> graph.consumeFromDevice(other, memory.arena()));
            return graph;
        }
    }

    /** Names of graphs are the user's, those of task graphs must be words. */
    private static String name(Graph graph, String part) {
        return "graph_" + graph.name().replaceAll("[^A-Za-z0-9_]", "_") + "_" + part;
    }

    /** Runs a graph with the sizes of these bindings and the inputs in a parcel, and waits for it. */
    TornadoExecutionResult execute(Graph graph, Bindings bindings, RunBlock.Parcel parcel) {
        TornadoExecutionResult result = null;
        profile = Profile.NONE;
        Parts own = parts.get(graph);
        List<Part> order = new ArrayList<>();
        order.add(own.inputs().get(parcel.index()));
        order.addAll(own.tasks());
        for (Part part : order) {
            part.launches().forEach(l -> l.follow(bindings));
            result = execute(part.index(), part.grids(), graph.name());
            if (profiled) {
                profile = profile.and(result);
            }
            part.launches().forEach(Launch::requireKept);
        }
        return Objects.requireNonNull(result, "a graph has operations");
    }

    private TornadoExecutionResult execute(int index, GridScheduler grids, String name) {
        if (failed) {
            throw new DeviceException(device.description().id() + " failed before; open it anew");
        }
        try {
            return plan.withGraph(index).withGridScheduler(grids).execute();
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
        plan.withGraph(parts.get(graph).tasks().getLast().index());
        result.transferToHost(range);
    }

    @Override
    public void close() {
        // After withGraph the plan would free the buffers of that graph alone.
        plan.withAllGraphs();
        plan.freeDeviceMemory();
    }
}
