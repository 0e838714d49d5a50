package dev.gyre.scheduler;

import dev.gyre.backend.Bindings;
import dev.gyre.backend.Device;
import dev.gyre.backend.DeviceDescription;
import dev.gyre.backend.DeviceException;
import dev.gyre.backend.DeviceOptions;
import dev.gyre.backend.Executable;
import dev.gyre.backend.MemoryPlan;
import dev.gyre.backend.Traffic;
import dev.gyre.backend.WeightSource;
import dev.gyre.graph.Program;
import dev.gyre.graph.Tensor.Value;
import java.util.concurrent.atomic.AtomicInteger;

/** A device that fails after some runs of the decoder. */
final class FailingDevice implements Device {

    private final Device device;
    private final AtomicInteger runsLeft;
    private volatile boolean closed;

    FailingDevice(Device device, int runs) {
        this.device = device;
        this.runsLeft = new AtomicInteger(runs);
    }

    boolean closed() {
        return closed;
    }

    @Override
    public DeviceDescription description() {
        return device.description();
    }

    @Override
    public DeviceOptions options() {
        return device.options();
    }

    @Override
    public Executable compile(Program program, WeightSource weights) {
        Executable compiled = device.compile(program, weights);
        return new Executable() {
            @Override
            public Program program() {
                return compiled.program();
            }

            @Override
            public MemoryPlan memory() {
                return compiled.memory();
            }

            @Override
            public void run(Bindings bindings) {
                if (bindings.graph().name().equals("decode") && runsLeft.getAndDecrement() <= 0) {
                    throw new DeviceException("the cable was pulled");
                }
                compiled.run(bindings);
            }

            @Override
            public void read(Value output, float[] destination, int count) {
                compiled.read(output, destination, count);
            }

            @Override
            public void read(Value output, int[] destination, int count) {
                compiled.read(output, destination, count);
            }

            @Override
            public void close() {
                compiled.close();
            }
        };
    }

    @Override
    public Traffic traffic() {
        return device.traffic();
    }

    @Override
    public void close() {
        closed = true;
        device.close();
    }
}
