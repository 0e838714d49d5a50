package dev.gyre.bench;

import dev.gyre.backend.Backend;
import dev.gyre.backend.Backends;
import dev.gyre.backend.ComputeType;
import dev.gyre.backend.Device;
import dev.gyre.backend.DeviceException;
import dev.gyre.backend.DeviceOptions;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code gyre bench}: what a device does, in figures. */
@Command(
        name = "gyre bench",
        mixinStandardHelpOptions = true,
        description = "Measures what devices do.",
        subcommands = {Bench.Model.class, Ops.class})
public final class Bench implements Runnable {

    private static final int MISTAKE = 2;

    private Bench() {}

    @Override
    public void run() {
        throw new CommandLine.ParameterException(new CommandLine(this), "a command is missing: model or ops");
    }

    /** Runs and ends the process: 0, or 2 for the user's mistake. */
    public static void main(String[] arguments) {
        System.exit(new CommandLine(new Bench())
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setParameterExceptionHandler((e, _) -> say(e.getMessage()))
                .setExecutionExceptionHandler((e, _, _) -> {
                    if (e instanceof DeviceException || e instanceof IllegalArgumentException) {
                        return say(String.valueOf(e.getMessage()));
                    }
                    throw e;
                })
                .execute(arguments));
    }

    private static int say(String message) {
        System.err.println("gyre: " + message);
        return MISTAKE;
    }

    /** {@code gyre bench model}: target tokens per second of a model with random weights; no files are needed. */
    @Command(
            name = "model",
            mixinStandardHelpOptions = true,
            sortOptions = false,
            description =
                    "Decodes with an encoder-decoder of random weights and prints target tokens per second: the median"
                            + " of several rounds, with the best and the worst. Several devices run one after the other.")
    static final class Model implements Callable<Integer> {

        @Option(names = "--shape", defaultValue = "base", description = "base, big, or L,d,h,f,V (default: base)")
        private String shape = "base";

        @Option(
                names = "--device",
                split = ",",
                defaultValue = "cpu",
                description =
                        "cpu, opencl, opencl:1, tornado:0?tornado.kernels=jit; several with commas (default: cpu)")
        private List<String> devices = List.of("cpu");

        @Option(
                names = "--compute-type",
                split = ",",
                defaultValue = "float32",
                description = "float32, bfloat16, float16 or int8; several with commas (default: float32)")
        private List<ComputeType> computeTypes = List.of(ComputeType.FLOAT32);

        @Option(names = "--sentences", defaultValue = "64", description = "(default: 64)")
        private int sentences = 64;

        @Option(names = "--batch", defaultValue = "32", description = "sentences at once (default: 32)")
        private int batch = 32;

        @Option(names = "--beams", defaultValue = "1", description = "(default: 1)")
        private int beams = 1;

        @Option(names = "--new-tokens", defaultValue = "32", description = "per sentence (default: 32)")
        private int newTokens = 32;

        @Option(names = "--rounds", defaultValue = "3", description = "that are counted (default: 3)")
        private int rounds = 3;

        @Option(names = "--threads", defaultValue = "0", description = "of the cpu device; 0 for all cores")
        private int threads;

        @Option(names = "--format", defaultValue = "text", description = "text, markdown or jsonl (default: text)")
        private String format = "text";

        @Override
        public Integer call() {
            if (sentences < 1 || batch < 1 || beams < 1 || newTokens < 1 || rounds < 1 || threads < 0) {
                throw new IllegalArgumentException(
                        "--sentences, --batch, --beams, --new-tokens and --rounds are at least 1, --threads at least 0");
            }
            if (!List.of("text", "markdown", "jsonl").contains(format)) {
                throw new IllegalArgumentException("--format is text, markdown or jsonl, not " + format);
            }
            ModelRun run = new ModelRun(ModelShape.parse(shape), sentences, batch, beams, newTokens, rounds);
            if (format.equals("markdown")) {
                System.out.println(
                        "| device | type | shape | batch | beams | tokens/s (median) | best | worst | peak MiB |");
                System.out.println("|---|---|---|---|---|---|---|---|---|");
            }
            for (String name : devices) {
                for (ComputeType type : computeTypes) {
                    try (Device device = open(name, type, threads)) {
                        print(name, type, run.on(device));
                    }
                }
            }
            return 0;
        }

        /** A device with settings of its backend behind a question mark: {@code tornado:0?tornado.kernels=jit}. */
        static Device open(String nameAndSettings, ComputeType type, int threads) {
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
                return backend.open(
                        colon < 0 ? 0 : Integer.parseInt(name.substring(colon + 1)),
                        DeviceOptions.DEFAULTS
                                .withThreads(threads)
                                .withTuning(tuning)
                                .withComputeType(type));
            } catch (NumberFormatException e) {
                throw new IllegalArgumentException("--device " + name + ": what follows the colon is a number", e);
            }
        }

        private void print(String device, ComputeType type, ModelRun.Figures f) {
            String line = switch (format) {
                case "markdown" -> "| %s | %s | %s | %d | %d | %.0f | %.0f | %.0f | %d |";
                case "jsonl" ->
                    "{\"device\":\"%s\",\"type\":\"%s\",\"shape\":\"%s\",\"batch\":%d,\"beams\":%d,\"median\":%.1f,\"best\":%.1f,"
                            + "\"worst\":%.1f,\"peak_mib\":%d}";
                default ->
                    "%-10s %-8s %s  batch %d  beams %d  %.0f target tokens/s (best %.0f, worst %.0f), peak %d MiB";
            };
            System.out.println(String.format(
                    Locale.ROOT,
                    line,
                    device,
                    type.name().toLowerCase(Locale.ROOT),
                    shape,
                    batch,
                    beams,
                    f.median(),
                    f.best(),
                    f.worst(),
                    f.peakMebibytes()));
        }
    }
}
