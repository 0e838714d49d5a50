package dev.gyre.opencl;

import dev.gyre.backend.Device;
import dev.gyre.backend.DeviceDescription;
import dev.gyre.backend.DeviceDescription.Kind;
import dev.gyre.backend.DeviceException;
import dev.gyre.backend.DeviceOptions;
import dev.gyre.backend.Executable;
import dev.gyre.backend.MemoryPlan;
import dev.gyre.backend.OutOfMemoryException;
import dev.gyre.backend.Peak;
import dev.gyre.backend.Traffic;
import dev.gyre.backend.TuningOrigin;
import dev.gyre.backend.WeightSource;
import dev.gyre.graph.Graph;
import dev.gyre.graph.Program;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.jocl.CL;
import org.jocl.cl_command_queue;
import org.jocl.cl_context;
import org.jocl.cl_context_properties;
import org.jocl.cl_device_id;
import org.jocl.cl_device_partition_property;

/** An open OpenCL device: context, queue, built programs, and the executables made from it. */
final class OpenClDevice implements Device {

    private final DeviceDescription description;
    private final DeviceOptions options;
    private final TuningOrigin origin;
    private final cl_device_id part;
    private final boolean isPart;
    private final int unitsInUse;
    private final cl_context context;
    private final Queue queue;
    private final Programs programs;
    private final Kernels kernels;
    private final int floatLanes;
    private final List<OpenClExecutable> executables = new ArrayList<>();
    private boolean closed;

    /** @param units what multiplies */
    OpenClDevice(
            ClDevice device, DeviceDescription description, DeviceOptions options, Units units, ProgramCache cache) {
        this(device, description, options, Optional.empty(), units, cache);
    }

    /** @param instead of what is found for the device, where it is there */
    OpenClDevice(
            ClDevice device,
            DeviceDescription description,
            DeviceOptions options,
            Optional<TunedKernels> instead,
            Units units,
            ProgramCache cache) {
        this.description = description;
        this.options = options;
        floatLanes = device.floatWidth();
        Kind kind = options.kernels().orElse(device.kind());
        TuningInUse found = TuningInUse.find(device, options, cache.folder());
        origin = found.origin(kind, options.computeType());
        Tuning tuning = Tuning.of(device, options, instead.or(() -> found.kernels(kind, options.computeType())), units);
        String name = description.id() + " (" + description.name() + ")";
        isPart = options.threads() > 0 && options.threads() < device.units() && device.kind() == Kind.CPU;
        unitsInUse = isPart ? options.threads() : device.units();
        part = isPart ? cores(device, options.threads(), name) : device.id();
        cl_device_id[] one = {part};
        cl_context_properties properties = new cl_context_properties();
        properties.addProperty(CL.CL_CONTEXT_PLATFORM, device.platform());
        int[] code = new int[1];
        context = CL.clCreateContext(properties, 1, one, null, null, code);
        if (code[0] != CL.CL_SUCCESS) {
            releasePart();
            throw ClErrors.failure(code[0], "clCreateContext", name);
        }
        cl_command_queue commands = inOrderQueue(context, part, code);
        if (code[0] != CL.CL_SUCCESS) {
            CL.clReleaseContext(context);
            releasePart();
            throw ClErrors.failure(code[0], "clCreateCommandQueue", name);
        }
        queue = new Queue(commands, name, Quirks.writesMustBlock(device), tuning.failAt());
        programs = new Programs(
                context, part, name, device.identity(), Quirks.buildsAtOnce(device), tuning.binaries() ? cache : null);
        kernels = new Kernels(programs, tuning);
    }

    @Override
    public DeviceDescription description() {
        return description;
    }

    @Override
    public DeviceOptions options() {
        return options;
    }

    @Override
    public TuningOrigin tuning() {
        return origin;
    }

    @Override
    public Executable compile(Program program, WeightSource weights) {
        requireOpen();
        SelectLaunch.requireFew(program);
        MemoryPlan plan = plan(program);
        long limit = options.memoryLimit() > 0 ? options.memoryLimit() : description.memoryBytes();
        plan.requireWithin(limit, description.id());
        OpenClExecutable executable = new OpenClExecutable(this, program, plan, weights);
        executables.add(executable);
        return executable;
    }

    /**
     * Every graph has an arena of its own: outputs stay readable while another graph runs.
     *
     * @throws OutOfMemoryException if what a smaller batch makes smaller does not fit into one buffer
     */
    private MemoryPlan plan(Program program) {
        Packing packing = kernels.tuning().packing();
        long weights = 0;
        for (WeightUse use : WeightUse.of(program)) {
            long bytes = packing.bytes(use.weight(), use.layout());
            if (bytes > mostBytes()) {
                throw new DeviceException("weight " + use.weight().name() + " needs " + bytes
                        + " bytes, but the largest buffer of " + description.id() + " has " + mostBytes()
                        + "; choose a smaller compute type or another device");
            }
            weights += bytes;
        }
        Map<String, Long> states = new LinkedHashMap<>();
        program.states().forEach(state -> states.put("cache " + state.name(), Residents.stateBytes(state)));
        Map<String, Long> arenas = new LinkedHashMap<>();
        Map<String, Long> inputs = new LinkedHashMap<>();
        for (Graph graph : program.graphs()) {
            arenas.put("the intermediates of graph " + graph.name(), CompiledGraph.arenaBytes(graph));
            arenas.put("the rounded rows of graph " + graph.name(), Products.bytes(graph, kernels.tuning()));
            weights += RoughLogits.bytes(graph, kernels.tuning());
            inputs.put("the inputs of graph " + graph.name(), RunBlock.bytes(graph));
        }
        if (kernels.tuning().fusing().mayTake(program, weights)) {
            program.graphs()
                    .forEach(graph -> inputs.put(
                            "the launches of graph " + graph.name(),
                            Submissions.bytes(graph.operations().size())));
        }
        MemoryPlan plan = new MemoryPlan(weights, total(states), total(arenas), total(inputs));
        Stream.of(states, arenas, inputs)
                .flatMap(sizes -> sizes.entrySet().stream())
                .forEach(size -> {
                    if (size.getValue() > mostBytes()) {
                        throw OutOfMemoryException.ofBuffer(
                                size.getKey(), size.getValue(), plan, mostBytes(), description.id());
                    }
                });
        return plan;
    }

    private static long total(Map<String, Long> sizes) {
        return sizes.values().stream().mapToLong(Long::longValue).sum();
    }

    /** Kernels count elements in int32, and a driver has its own limit for one buffer. */
    private long mostBytes() {
        return Math.min(description.maxBufferBytes(), 4L * Integer.MAX_VALUE);
    }

    @Override
    public Traffic traffic() {
        return queue.traffic();
    }

    @Override
    public Optional<Peak> peak() {
        requireOpen();
        return Optional.of(PeakKernels.measure(this));
    }

    /** Compute units that this device was opened with. */
    int unitsInUse() {
        return unitsInUse;
    }

    int floatLanes() {
        return floatLanes;
    }

    Queue queue() {
        return queue;
    }

    Programs programs() {
        return programs;
    }

    Kernels kernels() {
        return kernels;
    }

    Residents.Buffers buffers() {
        return new Residents.Buffers(context, description.id());
    }

    void forget(OpenClExecutable executable) {
        executables.remove(executable);
    }

    void requireOpen() {
        if (closed) {
            throw new DeviceException("device " + description.id() + " is closed");
        }
    }

    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        List.copyOf(executables).forEach(OpenClExecutable::close);
        programs.close();
        queue.close();
        CL.clReleaseContext(context);
        releasePart();
    }

    /** The call of OpenCL 1.2; what replaced it is not there before 2.0. */
    @SuppressWarnings("deprecation")
    private static cl_command_queue inOrderQueue(cl_context context, cl_device_id device, int[] code) {
        return CL.clCreateCommandQueue(context, device, 0, code);
    }

    /** As many cores of a CPU as the options allow. */
    private static cl_device_id cores(ClDevice device, int threads, String name) {
        cl_device_partition_property property = new cl_device_partition_property();
        property.addProperty(CL.CL_DEVICE_PARTITION_BY_COUNTS, threads);
        property.addProperty(CL.CL_DEVICE_PARTITION_BY_COUNTS_LIST_END, 0);
        cl_device_id[] parts = new cl_device_id[1];
        int code = CL.clCreateSubDevices(device.id(), property, 1, parts, null);
        if (code != CL.CL_SUCCESS) {
            throw new DeviceException(name + " cannot be limited to " + threads + " of its " + device.units()
                    + " cores (clCreateSubDevices: " + ClErrors.name(code) + "); leave --threads away");
        }
        return parts[0];
    }

    private void releasePart() {
        if (isPart) {
            CL.clReleaseDevice(part);
        }
    }
}
