package dev.gyre.bench;

import dev.gyre.backend.ComputeType;
import dev.gyre.backend.DeviceException;
import dev.gyre.transformer.ModelShape;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code gyre bench}: what a device does, in figures. */
@Command(
        name = "gyre bench",
        mixinStandardHelpOptions = true,
        description = "Measures what devices do.",
        subcommands = {Bench.Model.class, Ops.class, Start.class})
public final class Bench implements Runnable {

    private static final int MISTAKE = 2;

    private Bench() {}

    @Override
    public void run() {
        throw new CommandLine.ParameterException(new CommandLine(this), "a command is missing: model, ops or start");
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

        @Mixin
        private Measured measured = new Measured();

        @Option(names = "--sentences", defaultValue = "64", description = "(default: 64)")
        private int sentences = 64;

        @Option(names = "--batch", defaultValue = "32", description = "sentences at once (default: 32)")
        private int batch = 32;

        @Option(names = "--beams", defaultValue = "1", description = "(default: 1)")
        private int beams = 1;

        @Option(names = "--new-tokens", defaultValue = "32", description = "per sentence (default: 32)")
        private int newTokens = 32;

        @Option(names = "--scores", description = "a greedy search has to know its scores too")
        private boolean scores;

        @Option(names = "--rounds", defaultValue = "3", description = "that are counted (default: 3)")
        private int rounds = 3;

        @Override
        public Integer call() {
            if (sentences < 1 || batch < 1 || beams < 1 || newTokens < 1 || rounds < 1) {
                throw new IllegalArgumentException(
                        "--sentences, --batch, --beams, --new-tokens and --rounds are at least 1");
            }
            measured.check();
            ModelRun run = new ModelRun(ModelShape.parse(shape), sentences, batch, beams, newTokens, scores, rounds);
            if (measured.format().equals("markdown")) {
                System.out.println(
                        "| device | type | shape | batch | beams | tokens/s (median) | best | worst | host % | peak MiB |");
                System.out.println("|---|---|---|---|---|---|---|---|---|---|");
            }
            measured.each((name, type, device) -> print(name, type, run.on(device)));
            return 0;
        }

        private void print(String device, ComputeType type, ModelRun.Figures f) {
            if (measured.format().equals("jsonl")) {
                System.out.println(Measured.json(device, type)
                        .put("shape", shape)
                        .put("batch", batch)
                        .put("beams", beams)
                        .put("median", f.median())
                        .put("best", f.best())
                        .put("worst", f.worst())
                        .put("host_share", f.hostShare())
                        .put("peak_mib", f.peakMebibytes()));
                return;
            }
            System.out.println(String.format(
                    Locale.ROOT,
                    measured.format().equals("markdown")
                            ? "| %s | %s | %s | %d | %d | %.0f | %.0f | %.0f | %.1f | %d |"
                            : "%-10s %-8s %s  batch %d  beams %d  %.0f target tokens/s (best %.0f, worst %.0f), host %.1f %%, peak %d MiB",
                    device,
                    type.text(),
                    shape,
                    batch,
                    beams,
                    f.median(),
                    f.best(),
                    f.worst(),
                    f.hostShare() * 100,
                    f.peakMebibytes()));
        }
    }
}
