package dev.gyre.tornado;

import dev.gyre.backend.Device;
import dev.gyre.backend.DeviceDescription;
import dev.gyre.backend.DeviceException;
import dev.gyre.backend.DeviceOptions;
import dev.gyre.backend.Executable;
import dev.gyre.backend.Traffic;
import dev.gyre.backend.WeightSource;
import dev.gyre.graph.Program;
import java.util.ArrayList;
import java.util.List;
import uk.ac.manchester.tornado.api.common.TornadoDevice;

/** A device of TornadoVM, opened. */
final class TaskGraphDevice implements Device {

    private final DeviceDescription description;
    private final DeviceOptions options;
    private final TornadoDevice device;
    private final List<TaskGraphExecutable> executables = new ArrayList<>();
    private Traffic traffic = Traffic.NONE;
    private boolean closed;

    TaskGraphDevice(DeviceDescription description, DeviceOptions options, TornadoDevice device) {
        this.description = description;
        this.options = options;
        this.device = device;
    }

    @Override
    public DeviceDescription description() {
        return description;
    }

    @Override
    public DeviceOptions options() {
        return options;
    }

    TornadoDevice tornado() {
        return device;
    }

    @Override
    public Executable compile(Program program, WeightSource weights) {
        requireOpen();
        TaskGraphExecutable executable = TaskGraphExecutable.compile(this, program, weights);
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

    void forget(TaskGraphExecutable executable) {
        executables.remove(executable);
    }

    @Override
    public void close() {
        closed = true;
        List.copyOf(executables).forEach(TaskGraphExecutable::close);
    }
}
