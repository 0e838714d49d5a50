package dev.gyre.cpu;

import dev.gyre.backend.Device;
import dev.gyre.backend.DeviceDescription;
import dev.gyre.backend.DeviceException;
import dev.gyre.backend.DeviceOptions;
import dev.gyre.backend.Executable;
import dev.gyre.backend.MemoryPlan;
import dev.gyre.backend.Peak;
import dev.gyre.backend.Traffic;
import dev.gyre.backend.WeightSource;
import dev.gyre.graph.Program;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The cores of this machine, with threads that wait for work while the device is open. */
final class CpuDevice implements Device {

    private final DeviceDescription description;
    private final DeviceOptions options;
    private final Kernels kernels;
    private final WorkerPool pool;
    private final List<CpuExecutable> executables = new ArrayList<>();
    private Traffic traffic = Traffic.NONE;
    private boolean closed;

    CpuDevice(DeviceDescription description, DeviceOptions options, Kernels kernels) {
        this.description = description;
        this.options = options;
        this.kernels = kernels;
        pool = new WorkerPool(options.threads() > 0 ? options.threads() : description.units());
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
    public Executable compile(Program program, WeightSource weights) {
        requireOpen();
        MemoryPlan plan = CpuExecutable.plan(program, kernels.panelWidth());
        plan.requireWithin(options.memoryLimit(), description.id());
        plan.requireWithin(description.memoryBytes(), description.id() + ", whose memory is the Java heap (-Xmx),");
        CpuExecutable executable = new CpuExecutable(this, program, plan, weights, kernels, pool);
        executables.add(executable);
        return executable;
    }

    @Override
    public Traffic traffic() {
        return traffic;
    }

    @Override
    public Optional<Peak> peak() {
        requireOpen();
        return Optional.of(PeakLoops.measure(pool));
    }

    void countUp(long bytes) {
        traffic = traffic.up(bytes);
    }

    void countDown(long bytes) {
        traffic = traffic.down(bytes);
    }

    void requireOpen() {
        if (closed) {
            throw new DeviceException("device " + description.id() + " is closed");
        }
    }

    @Override
    public void close() {
        closed = true;
        executables.forEach(CpuExecutable::close);
        executables.clear();
        pool.close();
    }
}
