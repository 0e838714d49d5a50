package dev.gyre.opencl;

import dev.gyre.backend.Backend;
import dev.gyre.backend.Device;
import dev.gyre.backend.DeviceDescription;
import dev.gyre.backend.DeviceException;
import dev.gyre.backend.DeviceOptions;
import java.util.ArrayList;
import java.util.List;

/** Graphs on every OpenCL device of the machine, the CPU included where PoCL is installed. */
public final class OpenClBackend implements Backend {

    /** The name a user gives. */
    public static final String NAME = "opencl";

    private final ProgramCache cache;

    /** With the program cache of the user: {@code $GYRE_CACHE}, else {@code ~/.cache/gyre/opencl}. */
    public OpenClBackend() {
        this(ProgramCache.ofUser());
    }

    OpenClBackend(ProgramCache cache) {
        this.cache = cache;
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public List<DeviceDescription> devices() {
        List<ClDevice> found = Platforms.find().devices();
        List<DeviceDescription> described = new ArrayList<>();
        for (int i = 0; i < found.size(); i++) {
            described.add(describe(found.get(i), i));
        }
        return List.copyOf(described);
    }

    @Override
    public String absence() {
        return Platforms.find().absence();
    }

    @Override
    public Device open(int index, DeviceOptions options) {
        Platforms platforms = Platforms.find();
        if (!platforms.absence().isEmpty()) {
            throw new DeviceException(platforms.absence());
        }
        if (index < 0 || index >= platforms.devices().size()) {
            throw new DeviceException(NAME + " has " + platforms.devices().size()
                    + " device(s), counted from 0; there is" + " no number " + index);
        }
        ClDevice device = platforms.devices().get(index);
        DeviceDescription description = describe(device, index);
        if (!description.usable()) {
            throw new DeviceException(description.id() + " cannot be used: " + description.unusable());
        }
        return new OpenClDevice(device, description, options, cache);
    }

    private DeviceDescription describe(ClDevice device, int index) {
        return new DeviceDescription(
                NAME,
                index,
                device.name(),
                device.kind(),
                device.units(),
                device.memoryBytes(),
                device.maxBufferBytes(),
                new Probes(device, cache),
                device.usableCompiler() ? "" : "its driver has no compiler, or says that it is not available");
    }
}
