package dev.gyre.tornado;

import dev.gyre.backend.Backend;
import dev.gyre.backend.Device;
import dev.gyre.backend.DeviceDescription;
import dev.gyre.backend.DeviceException;
import dev.gyre.backend.DeviceOptions;
import java.util.List;

/**
 * Programs as TornadoVM task graphs, on the OpenCL devices that TornadoVM finds. The JVM must run with the argument file
 * of a TornadoVM SDK; without it there is no device and {@link #absence()} says what to do.
 *
 * <p>Settings of {@link DeviceOptions#tuning()}: {@code tornado.kernels} is {@code jit} for kernels that TornadoVM
 * compiles from Java or {@code prebuilt} for those of the OpenCL C sources; {@code tornado.linear},
 * {@code tornado.attention}, {@code tornado.norm}, {@code tornado.select} and {@code tornado.rows} say it for one kind
 * of operation. {@code tornado.profiler} is {@code true} to collect what TornadoVM's profiler counts.
 */
public final class TornadoBackend implements Backend {

    /** The name a user gives. */
    public static final String NAME = "tornado";

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public List<DeviceDescription> devices() {
        return Sdk.absence().isEmpty() ? TornadoDevices.descriptions() : List.of();
    }

    @Override
    public String absence() {
        String absence = Sdk.absence();
        if (absence.isEmpty() && TornadoDevices.descriptions().isEmpty()) {
            return "TornadoVM finds no OpenCL device: install an OpenCL driver (Debian: pocl-opencl-icd)";
        }
        return absence;
    }

    @Override
    public Device open(int index, DeviceOptions options) {
        List<DeviceDescription> devices = devices();
        if (index < 0 || index >= devices.size()) {
            throw new DeviceException(
                    devices.isEmpty()
                            ? absence()
                            : NAME + " has " + devices.size() + " devices; there is no number " + index);
        }
        DeviceDescription description = devices.get(index);
        if (!description.usable()) {
            throw new DeviceException(description.id() + " cannot be used: " + description.unusable());
        }
        return TornadoDevices.open(description, options);
    }
}
