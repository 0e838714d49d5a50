package dev.gyre.cpu;

import dev.gyre.backend.Backend;
import dev.gyre.backend.ComputeType;
import dev.gyre.backend.Device;
import dev.gyre.backend.DeviceDescription;
import dev.gyre.backend.DeviceException;
import dev.gyre.backend.DeviceOptions;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * All cores of this machine through the Vector API; through plain loops where the JVM runs without the module
 * jdk.incubator.vector. Every element of a result is computed in one order that depends neither on the other rows of
 * the batch nor on the number of threads.
 */
public final class CpuBackend implements Backend {

    /** The name a user gives. */
    public static final String NAME = "cpu";

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public List<DeviceDescription> devices() {
        Runtime runtime = Runtime.getRuntime();
        KernelChoice choice = KernelChoice.get();
        Map<String, String> probed = new LinkedHashMap<>();
        probed.put("kernels", choice.kernels().name());
        probed.put("vector api", choice.reason().isEmpty() ? "yes" : choice.reason());
        probed.put("heap", runtime.maxMemory() + " bytes (-Xmx)");
        return List.of(new DeviceDescription(
                NAME,
                0,
                runtime.availableProcessors() + " cores, " + System.getProperty("os.arch"),
                DeviceDescription.Kind.CPU,
                runtime.availableProcessors(),
                runtime.maxMemory(),
                Math.min(runtime.maxMemory(), (long) Float.BYTES * Integer.MAX_VALUE),
                probed,
                ""));
    }

    @Override
    public String absence() {
        return "";
    }

    @Override
    public Device open(int index, DeviceOptions options) {
        if (index != 0) {
            throw new DeviceException(NAME + " has one device, number 0; there is no number " + index);
        }
        if (options.computeType() != ComputeType.FLOAT32) {
            throw new DeviceException(NAME + " computes in float32 only, not in "
                    + options.computeType().text() + "; ask for float32");
        }
        return new CpuDevice(devices().getFirst(), options, KernelChoice.get().kernels());
    }
}
