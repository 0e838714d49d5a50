package dev.gyre.bench;

import dev.gyre.DevicePicker;
import dev.gyre.backend.ComputeType;
import dev.gyre.backend.Device;
import dev.gyre.backend.DeviceOptions;
import dev.gyre.cli.TuneArgument;
import java.util.List;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** What is measured, and in which form it is printed. */
final class Measured {

    private static final List<String> FORMATS = List.of("text", "markdown", "jsonl");

    @Option(
            names = "--device",
            split = ",",
            defaultValue = "cpu",
            description = "cpu, opencl, opencl:1, tornado:0?tornado.kernels=jit; several with commas (default: cpu)")
    private List<String> devices = List.of("cpu");

    @Option(
            names = "--compute-type",
            split = ",",
            defaultValue = "float32",
            description =
                    "float32, float16, bfloat16, int8, or auto for the fastest that is known on the device; several with commas"
                            + " (default: float32)")
    private List<ComputeType> computeTypes = List.of(ComputeType.FLOAT32);

    @Option(names = "--threads", defaultValue = "0", description = "of devices on the host's cores; 0 for all cores")
    private int threads;

    @Mixin
    private TuneArgument tune = new TuneArgument();

    @Option(names = "--format", defaultValue = "text", description = "text, markdown or jsonl (default: text)")
    private String format = "text";

    /** What is done on a device that is open. */
    interface Run {
        void on(Conditions conditions, Device device);
    }

    String format() {
        return format;
    }

    /** @throws IllegalArgumentException in one line */
    void check() {
        requireFormat(format);
        if (threads < 0) {
            throw new IllegalArgumentException("--threads is at least 0, not " + threads);
        }
    }

    /** @throws IllegalArgumentException in one line */
    static void requireFormat(String format) {
        if (!FORMATS.contains(format)) {
            throw new IllegalArgumentException("--format is text, markdown or jsonl, not " + format);
        }
    }

    /** Opens one device after the other, in each compute type. */
    void each(Run run) {
        DeviceOptions options = tune.over(DeviceOptions.DEFAULTS)
                .withThreads(Math.min(threads, Runtime.getRuntime().availableProcessors()));
        boolean first = true;
        for (String name : devices) {
            for (ComputeType type : computeTypes) {
                double load = Conditions.loadNow();
                try (Device device = DevicePicker.open(name, options.withComputeType(type), d -> d)) {
                    run.on(Conditions.of(name, device, tune.given(), load, first), device);
                }
                first = false;
            }
        }
    }
}
