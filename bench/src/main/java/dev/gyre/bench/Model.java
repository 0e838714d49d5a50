package dev.gyre.bench;

import dev.gyre.cli.Version;
import dev.gyre.transformer.ModelShape;
import java.io.PrintWriter;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code gyre bench model}: target tokens per second of a model with random weights; no files are needed. */
@Command(
        name = "model",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        sortOptions = false,
        description = {
            "Decodes with an encoder-decoder of random weights and prints target tokens per second: the median of several"
                    + " rounds, with the best and the worst. Several devices run one after the other.",
            "The peak of memory is that of the process, so only the first line has one: start a process for each"
                    + " that you want to know.",
            "jsonl has all conditions beside the figures: the device and its driver, threads, tuning, Gyre's version, the"
                    + " JDK's, the load average before, and all options."
        })
final class Model implements Callable<Integer> {

    @Option(names = "--shape", defaultValue = "base", description = "base, big, or L,d,h,f,V (default: base)")
    private String shape = "base";

    @Mixin
    private Measured measured = new Measured();

    @Option(names = "--sentences", defaultValue = "64", description = "(default: 64)")
    private int sentences = 64;

    @Option(
            names = "--batch",
            defaultValue = "32",
            description = "sentences at once, at most --sentences (default: 32)")
    private int batch = 32;

    @Option(names = "--beams", defaultValue = "1", description = "of each sentence (default: 1)")
    private int beams = 1;

    @Option(names = "--new-tokens", defaultValue = "32", description = "per sentence (default: 32)")
    private int newTokens = 32;

    @Option(names = "--scores", description = "a greedy search has to know its scores too")
    private boolean scores;

    @Option(names = "--rounds", defaultValue = "3", description = "that are counted (default: 3)")
    private int rounds = 3;

    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Override
    public Integer call() {
        measured.check();
        ModelRun run = new ModelRun(ModelShape.parse(shape), sentences, batch, beams, newTokens, scores, rounds);
        PrintWriter out = spec.commandLine().getOut();
        if (measured.format().equals("markdown")) {
            out.println(
                    "| device | type | shape | batch | beams | tokens/s (median) | best | worst | host % | peak MiB |"
                            + " tuning |");
            out.println("|---|---|---|---|---|---|---|---|---|---|---|");
        }
        measured.each((conditions, device) -> out.println(line(conditions, run.on(device))));
        return 0;
    }

    private String line(Conditions conditions, ModelRun.Figures f) {
        boolean hasPeak = conditions.first() && f.peakMebibytes().isPresent();
        if (measured.format().equals("jsonl")) {
            return conditions
                    .json()
                    .put("shape", shape)
                    .put("sentences", sentences)
                    .put("batch", batch)
                    .put("beams", beams)
                    .put("new_tokens", newTokens)
                    .put("scores", scores)
                    .put("rounds", rounds)
                    .put("weights_seed", ModelRun.WEIGHTS_SEED)
                    .put("sources_seed", ModelRun.SOURCES_SEED)
                    .put("median", f.median())
                    .put("best", f.best())
                    .put("worst", f.worst())
                    .put("host_share", f.hostShare())
                    .put("peak_mib", hasPeak ? f.peakMebibytes().getAsLong() : null)
                    .toString();
        }
        return String.format(
                Locale.ROOT,
                measured.format().equals("markdown")
                        ? "| %s | %s | %s | %d | %d | %.0f | %.0f | %.0f | %.1f | %s | %s |"
                        : "%-10s %-8s %s  batch %d  beams %d  %.0f target tokens/s (best %.0f, worst %.0f), host %.1f %%,"
                                + " peak %s MiB, tuning %s",
                conditions.device(),
                conditions.type().text(),
                shape,
                batch,
                beams,
                f.median(),
                f.best(),
                f.worst(),
                f.hostShare() * 100,
                hasPeak ? Long.toString(f.peakMebibytes().getAsLong()) : "-",
                conditions.tuningText());
    }
}
