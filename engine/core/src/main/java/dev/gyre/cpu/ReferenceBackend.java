package dev.gyre.cpu;

import dev.gyre.backend.AutomaticType;
import dev.gyre.backend.Backend;
import dev.gyre.backend.ComputeType;
import dev.gyre.backend.Device;
import dev.gyre.backend.DeviceDescription;
import dev.gyre.backend.DeviceException;
import dev.gyre.backend.DeviceOptions;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What every operation means: scalar, sequential, every sum in float64, every result rounded to float32 once. Each
 * fast path is tested against it. Every value has an array of exactly its bound size, so that nothing behind it can be
 * read unnoticed.
 */
public final class ReferenceBackend implements Backend {

    /** The name a user gives. */
    public static final String NAME = "reference";

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public List<DeviceDescription> devices() {
        long memory = Runtime.getRuntime().maxMemory();
        return List.of(new DeviceDescription(
                NAME,
                0,
                "scalar reference in float64",
                DeviceDescription.Kind.CPU,
                1,
                memory,
                Math.min(memory, 4L * Integer.MAX_VALUE),
                Map.of("heap", memory + " bytes (-Xmx)"),
                ""));
    }

    @Override
    public String absence() {
        return "";
    }

    @Override
    public Set<ComputeType> computeTypes() {
        return Set.of(ComputeType.FLOAT32, ComputeType.INT8);
    }

    @Override
    public AutomaticType automaticType(int index, DeviceOptions options) {
        return new AutomaticType(ComputeType.FLOAT32, "what the others are measured with");
    }

    @Override
    public Device open(int index, DeviceOptions options) {
        if (index != 0) {
            throw new DeviceException(NAME + " has one device, number 0; there is no number " + index);
        }
        if (!computeTypes().contains(options.computeType())) {
            throw new DeviceException(NAME + " computes in float32 and int8 only, not in "
                    + options.computeType().text() + "; ask for float32");
        }
        return new ReferenceDevice(devices().getFirst(), options);
    }
}
