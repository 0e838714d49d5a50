package dev.gyre.bench;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.gyre.DevicePicker;
import dev.gyre.backend.ComputeType;
import dev.gyre.backend.Device;
import dev.gyre.backend.DeviceOptions;
import dev.gyre.cli.TuneArgument;
import dev.gyre.cli.Version;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code gyre bench start}: how long a fresh process takes to its first translated sentence. */
@Command(
        name = "start",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        sortOptions = false,
        description = {
            "Starts \"gyre translate\" again and again, each a process of its own, and prints the seconds from its start, the"
                    + " launcher script included, to the end of the first translated sentence: the median, with the best and"
                    + " the worst.",
            "Warm: with what the round before left in the caches; one is not counted. Cold (--cold): every round with"
                    + " empty caches of compiled kernels, Gyre's and PoCL's."
        })
final class Start implements Callable<Integer> {

    private static final String TEXT = "Hello.";

    @Option(names = "--model", paramLabel = "DIR", description = "(default: the demonstration model)")
    private @Nullable Path model;

    @Option(names = "--device", defaultValue = "opencl:0", description = "(default: opencl:0)")
    private String device = "opencl:0";

    @Option(names = "--compute-type", defaultValue = "float32", description = "(default: float32)")
    private String computeType = "float32";

    @Mixin
    private TuneArgument tune = new TuneArgument();

    @Option(names = "--rounds", defaultValue = "11", description = "that are counted (default: 11)")
    private int rounds = 11;

    @Option(names = "--cold", description = "with empty caches")
    private boolean cold;

    @Option(names = "--format", defaultValue = "text", description = "text, markdown or jsonl (default: text)")
    private String format = "text";

    /** Seconds in ascending order, and the load of the machine before. */
    record Figures(List<Double> seconds, double load) {

        Figures {
            seconds = seconds.stream().sorted().toList();
        }

        double median() {
            return Median.of(seconds.stream().mapToDouble(Double::doubleValue).toArray());
        }
    }

    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Override
    public Integer call() throws IOException, InterruptedException {
        if (rounds < 1) {
            throw new IllegalArgumentException("--rounds is at least 1, not " + rounds);
        }
        Measured.requireFormat(format);
        DeviceOptions options = tune.over(DeviceOptions.DEFAULTS);
        Path home = home(System.getenv("GYRE_HOME"));
        List<String> command = new ArrayList<>(List.of(home.resolve("gyre").toString(), "translate"));
        command.addAll(List.of("--model", (model == null ? home.resolve("models/en-de") : model).toString()));
        command.addAll(List.of("--device", device, "--compute-type", computeType));
        if (!tune.given().equals("auto")) {
            command.addAll(List.of("--tune", tune.given()));
        }
        command.add(TEXT);
        double load = Conditions.loadNow();
        List<Double> seconds = new ArrayList<>();
        // The first one builds Gyre where sources are newer.
        firstLine(command, Map.of());
        for (int i = 0; i < rounds; i++) {
            seconds.add(cold ? withEmptyCaches(command) : firstLine(command, Map.of()));
        }
        spec.commandLine().getOut().println(line(new Figures(seconds, load), conditions(options, load)));
        return 0;
    }

    /**
     * What the processes had, found out in this one behind them; empty with {@code auto}, which may take another device
     * for the model than without it.
     */
    private Optional<Conditions> conditions(DeviceOptions options, double load) {
        if (device.split("\\?")[0].equals(DevicePicker.AUTO)) {
            return Optional.empty();
        }
        // With empty caches there is no file of gyre tune, either.
        DeviceOptions asThere =
                cold && tune.given().equals("auto") ? options.withTuning(Map.of("opencl.tune", "off")) : options;
        ComputeType type = ComputeType.valueOf(computeType.toUpperCase(Locale.ROOT));
        try (Device opened = DevicePicker.open(device, asThere.withComputeType(type), d -> d)) {
            return Optional.of(Conditions.of(device, opened, tune.given(), load, true));
        }
    }

    String line(Figures figures, Optional<Conditions> conditions) {
        String caches = cold ? "cold" : "warm";
        double best = figures.seconds().getFirst();
        double worst = figures.seconds().getLast();
        return switch (format) {
            case "jsonl" -> {
                ObjectNode object = conditions
                        .map(Conditions::json)
                        .orElseGet(() -> Conditions.software()
                                .put("device", device)
                                .put("type", computeType)
                                .put("tune", tune.given()));
                yield object.put("model", model == null ? "models/en-de" : model.toString())
                        .put("caches", caches)
                        .put("rounds", figures.seconds().size())
                        .put("median", figures.median())
                        .put("best", best)
                        .put("worst", worst)
                        .put("load", figures.load())
                        .toString();
            }
            case "markdown" ->
                String.format(
                        Locale.ROOT,
                        "| %s | %s | %s | %d | %.2f | %.2f | %.2f | %.1f |",
                        device,
                        computeType,
                        caches,
                        figures.seconds().size(),
                        figures.median(),
                        best,
                        worst,
                        figures.load());
            default ->
                String.format(
                        Locale.ROOT,
                        "%-9s %-8s %s caches  first sentence after %.2f s, median of %d (best %.2f, worst %.2f),"
                                + " load average before %.1f",
                        device,
                        computeType,
                        caches,
                        figures.median(),
                        figures.seconds().size(),
                        best,
                        worst,
                        figures.load());
        };
    }

    /** Where the launcher is; it says so itself. */
    static Path home(@Nullable String given) {
        if (given == null || !Files.isExecutable(Path.of(given, "gyre"))) {
            throw new IllegalArgumentException(
                    "GYRE_HOME is not the folder of the launcher gyre; \"./gyre bench start\"" + " sets it");
        }
        return Path.of(given);
    }

    private static double withEmptyCaches(List<String> command) throws IOException, InterruptedException {
        Path caches = Files.createTempDirectory("gyre-start");
        try {
            Path kernels = Files.createDirectory(caches.resolve("pocl"));
            return firstLine(
                    command,
                    Map.of("GYRE_CACHE", caches.resolve("gyre").toString(), "POCL_CACHE_DIR", kernels.toString()));
        } finally {
            try (Stream<Path> files = Files.walk(caches)) {
                for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                    Files.delete(file);
                }
            }
        }
    }

    /**
     * Seconds from the start of a process to the end of its first line.
     *
     * @throws IllegalArgumentException if it ends badly, with what it said
     */
    static double firstLine(List<String> command, Map<String, String> environment)
            throws IOException, InterruptedException {
        Path said = Files.createTempFile("gyre-start", ".txt");
        try {
            ProcessBuilder builder = new ProcessBuilder(command).redirectError(said.toFile());
            builder.environment().putAll(environment);
            long begin = System.nanoTime();
            Process process = builder.start();
            process.getOutputStream().close();
            double seconds;
            try (InputStream out = process.getInputStream()) {
                int read = out.read();
                while (read >= 0 && read != '\n') {
                    read = out.read();
                }
                seconds = (System.nanoTime() - begin) / 1e9;
                out.transferTo(OutputStream.nullOutputStream());
            }
            int code = process.waitFor();
            if (code != 0) {
                String last = Files.readString(said, StandardCharsets.UTF_8)
                        .lines()
                        .reduce("it said nothing", (_, line) -> line);
                throw new IllegalArgumentException(
                        String.join(" ", command) + " ended with " + code + ": " + last.replaceFirst("^gyre: ", ""));
            }
            return seconds;
        } finally {
            Files.delete(said);
        }
    }
}
