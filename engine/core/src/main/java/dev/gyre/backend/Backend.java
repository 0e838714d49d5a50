package dev.gyre.backend;

import java.util.List;

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

    /**
     * Opens a device.
     *
     * @param index position in {@link #devices()}
     * @throws DeviceException if it is not there or cannot be used
     */
    Device open(int index, DeviceOptions options);
}
