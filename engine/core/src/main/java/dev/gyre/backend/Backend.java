package dev.gyre.backend;

import java.util.List;
import java.util.Set;

/** A way to run graphs: the CPU of this JVM, OpenCL, TornadoVM. A service; it has a public constructor. */
public interface Backend {

    /** The name a user gives: {@code cpu}, {@code opencl}. */
    String name();

    /**
     * The devices that are there, with what was probed. Never throws for something that is missing: a device that
     * cannot be used is listed with the reason, a backend without devices says why in {@link #absence()}.
     */
    List<DeviceDescription> devices();

    /** Why there is no device, in one line that says what to install; empty when there is one. */
    String absence();

    /** The types that its devices compute in; {@link ComputeType#FLOAT32} is always one. */
    default Set<ComputeType> computeTypes() {
        return Set.of(ComputeType.FLOAT32);
    }

    /**
     * The type that is the fastest on a device, as far as that is known, without losing more than docs/performance.md
     * tells; one of {@link #computeTypes()}.
     *
     * @param index position in {@link #devices()}
     * @param options the kind of kernels counts, the compute type does not
     * @throws DeviceException if the device is not there
     */
    default AutomaticType automaticType(int index, DeviceOptions options) {
        return new AutomaticType(ComputeType.FLOAT32, "the only type of " + name());
    }

    /**
     * Opens a device. {@link Backends#open} does that for an application: it knows {@link ComputeType#AUTO}.
     *
     * @param index position in {@link #devices()}
     * @param options with one of {@link #computeTypes()}
     * @throws DeviceException if it is not there or cannot be used
     */
    Device open(int index, DeviceOptions options);
}
