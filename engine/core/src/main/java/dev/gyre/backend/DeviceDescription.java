package dev.gyre.backend;

import java.util.Map;

/**
 * What was found out about a device.
 *
 * @param backend name of the backend
 * @param index position among the backend's devices
 * @param name as the driver gives it
 * @param kind what kernels suit it
 * @param units compute units, or cores
 * @param memoryBytes memory that buffers can take
 * @param maxBufferBytes the largest single buffer
 * @param probed capability → what the probe saw, for people
 * @param unusable why it cannot be used; empty if it can
 */
public record DeviceDescription(
        String backend,
        int index,
        String name,
        Kind kind,
        int units,
        long memoryBytes,
        long maxBufferBytes,
        Map<String, String> probed,
        String unusable) {

    /** What is fast on one kind is slow on the other. */
    public enum Kind {
        CPU,
        GPU
    }

    /** What a user writes to force this device, {@code opencl:0}. */
    public String id() {
        return backend + ":" + index;
    }

    public boolean usable() {
        return unusable.isEmpty();
    }
}
