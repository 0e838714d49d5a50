package dev.gyre.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.gyre.backend.Backend;
import dev.gyre.backend.Backends;
import dev.gyre.backend.ComputeType;
import dev.gyre.backend.Device;
import dev.gyre.backend.DeviceOptions;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Option;

/** What is measured, and in which form it is printed. */
final class Measured {

    private static final ObjectMapper JSON = new ObjectMapper();

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

    @Option(names = "--format", defaultValue = "text", description = "text, markdown or jsonl (default: text)")
    private String format = "text";

    /** What is done on a device that is open. */
    interface Run {
        void on(String name, ComputeType type, Device device);
    }

    String format() {
        return format;
    }

    /** @throws IllegalArgumentException in one line */
    void check() {
        if (!List.of("text", "markdown", "jsonl").contains(format)) {
            throw new IllegalArgumentException("--format is text, markdown or jsonl, not " + format);
        }
        if (threads < 0) {
            throw new IllegalArgumentException("--threads is at least 0, not " + threads);
        }
    }

    /** Opens one device after the other, in each compute type. */
    void each(Run run) {
        for (String name : devices) {
            for (ComputeType type : computeTypes) {
                try (Device device = open(name, type)) {
                    run.on(name, device.options().computeType(), device);
                }
            }
        }
    }

    /** A device with settings of its backend behind a question mark: {@code tornado:0?tornado.kernels=jit}. */
    private Device open(String nameAndSettings, ComputeType type) {
        String[] parts = nameAndSettings.split("\\?", 2);
        String name = parts[0];
        Map<String, String> tuning = new HashMap<>();
        for (String setting : parts.length == 1 ? new String[0] : parts[1].split("&")) {
            int equals = setting.indexOf('=');
            if (equals < 1) {
                throw new IllegalArgumentException("--device " + nameAndSettings + ": \"" + setting
                        + "\" is no setting; they look like tornado.kernels=jit, with & between them");
            }
            tuning.put(setting.substring(0, equals), setting.substring(equals + 1));
        }
        int colon = name.indexOf(':');
        Backend backend = Backends.named(colon < 0 ? name : name.substring(0, colon));
        try {
            return Backends.open(
                    backend,
                    colon < 0 ? 0 : Integer.parseInt(name.substring(colon + 1)),
                    DeviceOptions.DEFAULTS
                            .withThreads(threads)
                            .withTuning(tuning)
                            .withComputeType(type));
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("--device " + name + ": what follows the colon is a number", e);
        }
    }

    /** A line of JSON begins with this. */
    static ObjectNode json(String device, ComputeType type) {
        return JSON.createObjectNode().put("device", device).put("type", type.text());
    }
}
