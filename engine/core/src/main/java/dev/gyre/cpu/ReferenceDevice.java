package dev.gyre.cpu;

import dev.gyre.backend.Device;
import dev.gyre.backend.DeviceDescription;
import dev.gyre.backend.DeviceException;
import dev.gyre.backend.DeviceOptions;
import dev.gyre.backend.Executable;
import dev.gyre.backend.MemoryPlan;
import dev.gyre.backend.Traffic;
import dev.gyre.backend.WeightSource;
import dev.gyre.graph.Program;
import java.util.ArrayList;
import java.util.List;

/** The reference as a device. */
final class ReferenceDevice implements Device {

    private final DeviceDescription description;
    private final DeviceOptions options;
    private final List<ReferenceExecutable> executables = new ArrayList<>();
    private Traffic traffic = Traffic.NONE;
    private boolean closed;

    ReferenceDevice(DeviceDescription description, DeviceOptions options) {
        this.description = description;
        this.options = options;
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
        MemoryPlan plan = MemoryPlan.of(program);
        plan.requireWithin(options.memoryLimit(), description.id());
        ReferenceExecutable executable = new ReferenceExecutable(this, program, plan, weights);
        executables.add(executable);
        return executable;
    }

    @Override
    public Traffic traffic() {
        return traffic;
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
        executables.forEach(ReferenceExecutable::close);
        executables.clear();
    }
}
