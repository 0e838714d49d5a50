package dev.gyre.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.gyre.backend.ComputeType;
import dev.gyre.backend.Device;
import dev.gyre.backend.Peak;
import java.io.PrintStream;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code gyre bench ops}: a roofline. */
@Command(
        name = "ops",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = {
            "Times one operation at a time in the sizes of a Transformer-base, and prints GFLOP/s, GB/s, and the share of"
                    + " what the device's measured peak allows: of memory that is read, or of fma, whichever is the lower"
                    + " roof. Bytes are those that must move at least; what stays in caches can be faster than memory.",
            "Run it on a machine that does nothing else."
        })
final class Ops implements Callable<Integer> {

    private static final ObjectMapper JSON = new ObjectMapper();

    @Option(
            names = "--device",
            split = ",",
            defaultValue = "cpu",
            description = "cpu, opencl, opencl:1; several with commas (default: cpu)")
    private List<String> devices = List.of("cpu");

    @Option(
            names = "--compute-type",
            split = ",",
            defaultValue = "float32",
            description = "float32, bfloat16, float16 or int8; several with commas (default: float32)")
    private List<ComputeType> computeTypes = List.of(ComputeType.FLOAT32);

    @Option(
            names = "--rows",
            split = ",",
            defaultValue = "1,8,32,128,768",
            description = "of products and norms (default: 1,8,32,128,768)")
    private int[] rows = {};

    @Option(names = "--seconds", defaultValue = "0.2", description = "for each measurement (default: 0.2)")
    private double seconds;

    @Option(names = "--threads", defaultValue = "0", description = "of devices on the host's cores; 0 for all cores")
    private int threads;

    @Option(names = "--format", defaultValue = "text", description = "text, markdown or jsonl (default: text)")
    private String format = "text";

    @Override
    public Integer call() {
        if (!List.of("text", "markdown", "jsonl").contains(format)) {
            throw new IllegalArgumentException("--format is text, markdown or jsonl, not " + format);
        }
        if (rows.length == 0
                || Arrays.stream(rows).anyMatch(r -> r < 1 || r > 65536)
                || threads < 0
                || !(seconds >= 0)) {
            throw new IllegalArgumentException("--rows are from 1 to 65536, --threads and --seconds at least 0");
        }
        for (String name : devices) {
            for (ComputeType type : computeTypes) {
                try (Device device = Bench.Model.open(name, type, threads)) {
                    Optional<Peak> peak = device.peak();
                    head(name + " " + device.description().name(), type, peak, System.out);
                    for (OpsRun.Figures figures : new OpsRun(rows, seconds).on(device)) {
                        System.out.println(line(format, name, type, figures, peak));
                    }
                }
            }
        }
        return 0;
    }

    private void head(String device, ComputeType type, Optional<Peak> peak, PrintStream out) {
        if (format.equals("jsonl")) {
            return;
        }
        out.println(device + ", " + lower(type) + ": "
                + peak.map(p -> String.format(
                                Locale.ROOT,
                                "memory is read at %.1f GB/s, fma does %.0f GFLOP/s in float32",
                                p.bytesPerSecond() / 1e9,
                                p.operationsPerSecond() / 1e9))
                        .orElse("peaks are not measured here"));
        if (format.equals("markdown")) {
            out.println();
            out.println("| operation | shape | µs | GFLOP/s | GB/s | share | of |");
            out.println("|---|---|---|---|---|---|---|");
        } else {
            out.printf("%-18s %-32s %10s %9s %8s %6s%n", "operation", "shape", "µs", "GFLOP/s", "GB/s", "share");
        }
    }

    static String line(String format, String device, ComputeType type, OpsRun.Figures f, Optional<Peak> peak) {
        String roof = peak.map(p -> roof(f, p)).orElse("-");
        Optional<Double> share = peak.map(p -> p.leastSeconds(f.bytes(), f.operations()) / f.seconds());
        if (format.equals("jsonl")) {
            ObjectNode object = JSON.createObjectNode();
            object.put("device", device)
                    .put("type", lower(type))
                    .put("operation", f.operation())
                    .put("shape", f.shape())
                    .put("microseconds", f.seconds() * 1e6)
                    .put("gflops", f.gflops())
                    .put("gigabytes_per_second", f.gigabytes());
            peak.ifPresent(p -> object.put("share", share.orElse(0.0))
                    .put("roof", roof)
                    .put("peak_gigabytes_per_second", p.bytesPerSecond() / 1e9)
                    .put("peak_gflops", p.operationsPerSecond() / 1e9));
            return object.toString();
        }
        return String.format(
                Locale.ROOT,
                format.equals("markdown")
                        ? "| %s | %s | %.1f | %s | %.1f | %s | %s |"
                        : "%-18s %-32s %10.1f %9s %8.1f %6s of %s",
                f.operation(),
                f.shape(),
                f.seconds() * 1e6,
                f.operations() == 0 ? "-" : String.format(Locale.ROOT, "%.1f", f.gflops()),
                f.gigabytes(),
                share.map(s -> String.format(Locale.ROOT, "%.0f %%", 100 * s)).orElse("-"),
                roof);
    }

    private static String roof(OpsRun.Figures f, Peak peak) {
        return f.bytes() / peak.bytesPerSecond() >= f.operations() / peak.operationsPerSecond() ? "memory" : "fma";
    }

    private static String lower(ComputeType type) {
        return type.name().toLowerCase(Locale.ROOT);
    }
}
