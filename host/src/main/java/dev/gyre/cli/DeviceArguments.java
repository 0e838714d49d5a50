package dev.gyre.cli;

import dev.gyre.backend.ComputeType;
import dev.gyre.backend.DeviceDescription.Kind;
import dev.gyre.backend.DeviceOptions;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Which device, and how it is used. */
final class DeviceArguments {

    @Option(
            names = "--device",
            paramLabel = "NAME",
            defaultValue = "auto",
            description =
                    "auto, or a backend with or without a number: cpu, opencl, opencl:1 (gyre devices lists them)."
                            + " Only auto takes another when one cannot be used.")
    private String device = "auto";

    @Option(
            names = "--memory-limit",
            paramLabel = "BYTES",
            converter = ByteSize.class,
            description = "What the model may take on the device: 800M, 2G. Without: what the device has.")
    private @Nullable Long memoryLimit;

    @Option(
            names = "--threads",
            paramLabel = "N",
            description =
                    "Threads of a device that computes on the host's cores, at most one for each. Without: all cores.")
    private @Nullable Integer threads;

    @Option(
            names = "--kernels",
            paramLabel = "cpu|gpu",
            description = "Kernels for another kind of device than the one there is, to compare.")
    private @Nullable Kind kernels;

    @Option(
            names = "--compute-type",
            paramLabel = "TYPE",
            defaultValue = "float32",
            description =
                    "How weights of products are stored: float32; float16 or bfloat16, with sums in float32; int8 with a"
                            + " scale for each row, where what they are multiplied with is rounded too; auto for the"
                            + " fastest that is known on the device, which --verbose tells (default: float32).")
    private ComputeType computeType = ComputeType.FLOAT32;

    @Mixin
    private TuneArgument tune = new TuneArgument();

    String device() {
        return device;
    }

    DeviceOptions options() {
        DeviceOptions options = DeviceOptions.DEFAULTS.withComputeType(computeType);
        if (memoryLimit != null) {
            options = options.withMemoryLimit(memoryLimit);
        }
        if (threads != null) {
            if (threads < 1) {
                throw new UserException("--threads is at least 1, not " + threads);
            }
            options = options.withThreads(Math.min(threads, Runtime.getRuntime().availableProcessors()));
        }
        options = tune.over(options);
        return kernels == null ? options : options.withKernels(kernels);
    }
}
