package dev.gyre.bench;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.gyre.backend.Peak;
import dev.gyre.cli.Version;
import java.io.PrintWriter;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code gyre bench ops}: a roofline. */
@Command(
        name = "ops",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        sortOptions = false,
        description = {
            "Times one operation at a time in the sizes of a Transformer-base, and prints GFLOP/s, GB/s, and the share of"
                    + " what the device's measured peak allows: of memory that is read, or of fma, whichever is the lower"
                    + " roof. Bytes are those that must move at least; what stays in caches can be faster than memory.",
            "Run it on a machine that does nothing else."
        })
final class Ops implements Callable<Integer> {

    @Mixin
    private Measured measured = new Measured();

    @Option(
            names = "--rows",
            split = ",",
            defaultValue = "1,8,32,128,768",
            description = "of products and norms (default: 1,8,32,128,768)")
    private int[] rows = {};

    @Option(names = "--seconds", defaultValue = "0.2", description = "for each measurement (default: 0.2)")
    private double seconds;

    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Override
    public Integer call() {
        measured.check();
        if (rows.length == 0 || Arrays.stream(rows).anyMatch(r -> r < 1 || r > 65536) || !(seconds >= 0)) {
            throw new IllegalArgumentException("--rows are from 1 to 65536, --seconds at least 0");
        }
        PrintWriter out = spec.commandLine().getOut();
        measured.each((conditions, device) -> {
            Optional<Peak> peak = device.peak();
            head(conditions, peak, out);
            for (OpsRun.Figures figures : new OpsRun(rows, seconds).on(device)) {
                out.println(line(measured.format(), conditions, seconds, figures, peak));
            }
        });
        return 0;
    }

    private void head(Conditions conditions, Optional<Peak> peak, PrintWriter out) {
        if (measured.format().equals("jsonl")) {
            return;
        }
        out.println(conditions.device() + " " + conditions.description().name() + ", "
                + conditions.type().text() + ", tuning " + conditions.tuningText() + ": "
                + peak.map(p -> String.format(
                                Locale.ROOT,
                                "memory is read at %.1f GB/s, fma does %.0f GFLOP/s in float32",
                                p.bytesPerSecond() / 1e9,
                                p.operationsPerSecond() / 1e9))
                        .orElse("peaks are not measured here"));
        if (measured.format().equals("markdown")) {
            out.println();
            out.println("| operation | shape | µs | GFLOP/s | GB/s | share | of |");
            out.println("|---|---|---|---|---|---|---|");
        } else {
            out.printf("%-18s %-32s %10s %9s %8s %6s%n", "operation", "shape", "µs", "GFLOP/s", "GB/s", "share");
        }
    }

    static String line(String format, Conditions conditions, double seconds, OpsRun.Figures f, Optional<Peak> peak) {
        String roof = peak.map(p -> roof(f, p)).orElse("-");
        Optional<Double> share = peak.map(p -> p.leastSeconds(f.bytes(), f.operations()) / f.seconds());
        if (format.equals("jsonl")) {
            ObjectNode object = conditions
                    .json()
                    .put("seconds", seconds)
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
}
