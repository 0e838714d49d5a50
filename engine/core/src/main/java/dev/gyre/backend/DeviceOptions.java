package dev.gyre.backend;

import dev.gyre.backend.DeviceDescription.Kind;
import java.util.Map;
import java.util.Optional;

/**
 * How to open a device.
 *
 * @param memoryLimit bytes that weights, states, arenas and inputs may take together; 0 for what the device has
 * @param threads host threads for a device that runs on the host's cores; 0 for all
 * @param kernels the kind of kernels to use instead of those that suit the device
 * @param computeType how weights are stored and products computed; {@link ComputeType#AUTO} for what suits the device
 * @param tuning further settings of a backend by name, as tests and the tuner give them
 */
public record DeviceOptions(
        long memoryLimit, int threads, Optional<Kind> kernels, ComputeType computeType, Map<String, String> tuning) {

    public static final DeviceOptions DEFAULTS =
            new DeviceOptions(0, 0, Optional.empty(), ComputeType.FLOAT32, Map.of());

    public DeviceOptions {
        tuning = Map.copyOf(tuning);
        if (memoryLimit < 0 || threads < 0) {
            throw new IllegalArgumentException(
                    "memory limit and threads cannot be negative: " + memoryLimit + ", " + threads);
        }
    }

    public DeviceOptions withMemoryLimit(long bytes) {
        return new DeviceOptions(bytes, threads, kernels, computeType, tuning);
    }

    public DeviceOptions withThreads(int count) {
        return new DeviceOptions(memoryLimit, count, kernels, computeType, tuning);
    }

    public DeviceOptions withKernels(Kind kind) {
        return new DeviceOptions(memoryLimit, threads, Optional.of(kind), computeType, tuning);
    }

    public DeviceOptions withComputeType(ComputeType type) {
        return new DeviceOptions(memoryLimit, threads, kernels, type, tuning);
    }

    public DeviceOptions withTuning(Map<String, String> settings) {
        return new DeviceOptions(memoryLimit, threads, kernels, computeType, settings);
    }
}
