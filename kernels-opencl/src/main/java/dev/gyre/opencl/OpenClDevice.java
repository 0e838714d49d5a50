package dev.gyre.opencl;

import dev.gyre.backend.Device;
import dev.gyre.backend.DeviceDescription;
import dev.gyre.backend.DeviceDescription.Kind;
import dev.gyre.backend.DeviceException;
import dev.gyre.backend.DeviceOptions;
import dev.gyre.backend.Executable;
import dev.gyre.backend.MemoryPlan;
import dev.gyre.backend.Peak;
import dev.gyre.backend.Traffic;
import dev.gyre.backend.TuningOrigin;
import dev.gyre.backend.WeightSource;
import dev.gyre.graph.Graph;
import dev.gyre.graph.Program;
import dev.gyre.graph.Tensor.State;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
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

    /** Every graph has an arena of its own: outputs stay readable while another graph runs. */
    private MemoryPlan plan(Program program) {
        Packing packing = kernels.tuning().packing();
        long weights = 0;
        Set<WeightUse> uses = WeightUse.of(program);
        for (WeightUse use : uses) {
            weights += single(
                    packing.bytes(use.weight(), use.layout()),
                    "weight " + use.weight().name());
        }
        long states = 0;
        for (State state : program.states()) {
            states += single(Residents.stateBytes(state), "cache " + state.name());
        }
        long arenas = 0;
        long inputs = 0;
        for (Graph graph : program.graphs()) {
            arenas += single(CompiledGraph.arenaBytes(graph), "the intermediates of graph " + graph.name());
            arenas += single(Products.bytes(graph, kernels.tuning()), "the rounded rows of graph " + graph.name());
            weights += single(RoughLogits.bytes(graph, kernels.tuning()), "the output layer in int8");
            inputs += single(RunBlock.bytes(graph), "the inputs of graph " + graph.name());
        }
        if (kernels.tuning().fusing().mayTake(program, weights)) {
            for (Graph graph : program.graphs()) {
                inputs += Submissions.bytes(graph.operations().size());
            }
        }
        return new MemoryPlan(weights, states, arenas, inputs);
    }

    /** Kernels count elements in int32, and a driver has its own limit for one buffer. */
    private long single(long bytes, String what) {
        long most = Math.min(description.maxBufferBytes(), 4L * Integer.MAX_VALUE);
        if (bytes > most) {
            throw new DeviceException(what + " needs " + bytes + " bytes, but the largest buffer of " + description.id()
                    + " has " + most + "; " + DeviceException.LESS_AT_ONCE);
        }
        return bytes;
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
