package dev.gyre.cli;

import dev.gyre.Score;
import dev.gyre.TextScorer;
import dev.gyre.TextScorer.Translated;
import dev.gyre.scheduler.CapacityPlan;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code gyre score}. */
@Command(
        name = "score",
        sortOptions = false,
        description = {
            "Says how probable a model finds given translations (--source and --target, line by line), or, of a decoder-only"
                    + " model, given texts (--target).",
            "A line: log-probability of all tokens, perplexity, number of tokens; with tabs. The perplexity of everything"
                    + " together goes to standard error."
        })
final class ScoreCommand implements Callable<Integer> {

    private static final int GROUP = 512;

    @Mixin
    private ModelArguments model = new ModelArguments();

    @Option(names = "--source", paramLabel = "FILE", description = "Texts, one on a line; not for decoder-only models.")
    private @Nullable Path source;

    @Option(
            names = "--target",
            required = true,
            paramLabel = "FILE",
            description = "Their translations, one on a line, or the texts of a decoder-only model.")
    private Path target = Path.of("");

    @Option(names = "--tokens", description = "The log-probability of every token too, on lines of their own.")
    private boolean tokens;

    @Option(names = "--source-lang", paramLabel = "CODE", description = "Language of the source: see gyre translate.")
    private @Nullable String sourceLanguage;

    @Option(names = "--target-lang", paramLabel = "CODE", description = "Language of the target.")
    private @Nullable String targetLanguage;

    @Option(names = "--max-length", paramLabel = "N", description = "Tokens of a text at most. Without: 256.")
    private @Nullable Integer maxLength;

    @Mixin
    private PlainOutput output = new PlainOutput();

    @Mixin
    private DeviceArguments device = new DeviceArguments();

    @Mixin
    private CommonOptions common = new CommonOptions();

    private final Streams streams;
    private double total;
    private long count;

    ScoreCommand(Streams streams) {
        this.streams = streams;
    }

    @Override
    public Integer call() throws IOException {
        try (TextScorer scorer = open();
                Sink sink = output.open(streams);
                LineReader targets = new Input.File(target).open()) {
            if (scorer.scoresTranslations() != (source != null)) {
                throw new UserException(
                        source == null
                                ? "this model scores translations: give --source too"
                                : "this model is decoder-only: --source cannot be given");
            }
            try (LineReader sources = source == null ? targets : new Input.File(source).open()) {
                List<Line> group = new ArrayList<>();
                List<String> given = new ArrayList<>();
                for (Line line = targets.next(); line != null; line = targets.next()) {
                    group.add(line);
                    if (source != null) {
                        given.add(next(sources, line.number()));
                    }
                    if (group.size() == GROUP) {
                        score(scorer, group, given, sink);
                    }
                }
                score(scorer, group, given, sink);
                if (source != null && sources.next() != null) {
                    throw new UserException(source + " has more lines than " + target);
                }
            }
            sink.finish();
        }
        if (count > 0) {
            streams.say(String.format(Locale.ROOT, "perplexity %.4f over %d tokens", Math.exp(-total / count), count));
        }
        return ExitCode.OK;
    }

    private TextScorer open() {
        if (maxLength != null && (maxLength < 1 || maxLength > CapacityPlan.MOST_TOKENS)) {
            throw new UserException(
                    "--max-length must be a whole number from 1 to " + CapacityPlan.MOST_TOKENS + ", not " + maxLength);
        }
        TextScorer.Builder builder = TextScorer.builder(model.folder())
                .device(device.device())
                .deviceOptions(device.options())
                .maxLength(Objects.requireNonNullElse(maxLength, 0));
        if (sourceLanguage != null) {
            builder.sourceLanguage(sourceLanguage);
        }
        if (targetLanguage != null) {
            builder.targetLanguage(targetLanguage);
        }
        try {
            return builder.open();
        } catch (IllegalArgumentException e) {
            throw new UserException(Failure.oneLine(e.getMessage()), e);
        }
    }

    private String next(LineReader sources, long number) throws IOException {
        Line line = sources.next();
        if (line == null) {
            throw new UserException(source + " ends at line " + number + "; " + target + " goes on");
        }
        return line.text();
    }

    private void score(TextScorer scorer, List<Line> group, List<String> given, Sink sink) throws IOException {
        if (group.isEmpty()) {
            return;
        }
        List<Score> scores;
        try {
            scores = source == null
                    ? scorer.scoreTexts(group.stream().map(Line::text).toList())
                    : scorer.score(pairs(group, given));
        } catch (IllegalArgumentException e) {
            throw new UserException(
                    "lines " + group.getFirst().number() + " to "
                            + group.getLast().number() + ": " + Failure.oneLine(e.getMessage()),
                    e);
        }
        for (int i = 0; i < scores.size(); i++) {
            Score s = scores.get(i);
            sink.write(bytes(group.get(i), s));
            total += s.total();
            count += s.tokens().size();
        }
        group.clear();
        given.clear();
    }

    private static List<Translated> pairs(List<Line> targets, List<String> sources) {
        List<Translated> pairs = new ArrayList<>(targets.size());
        for (int i = 0; i < targets.size(); i++) {
            pairs.add(new Translated(sources.get(i), targets.get(i).text()));
        }
        return pairs;
    }

    private byte[] bytes(Line line, Score score) throws IOException {
        if (output.json()) {
            return JsonLine.of(json -> {
                json.writeStringField("text", line.text());
                json.writeNumberField("log_probability", score.total());
                if (!score.tokens().isEmpty()) {
                    json.writeNumberField("perplexity", score.perplexity());
                }
                json.writeArrayFieldStart("tokens");
                for (int i = 0; i < score.tokens().size(); i++) {
                    json.writeStartObject();
                    json.writeStringField("token", score.tokens().get(i));
                    json.writeNumberField(
                            "log_probability", score.logProbabilities().get(i));
                    json.writeEndObject();
                }
                json.writeEndArray();
            });
        }
        StringBuilder text = new StringBuilder(String.format(
                Locale.ROOT,
                "%.6f\t%.4f\t%d\n",
                score.total(),
                score.perplexity(),
                score.tokens().size()));
        for (int i = 0; tokens && i < score.tokens().size(); i++) {
            text.append(String.format(
                    Locale.ROOT,
                    "\t%.6f\t%s\n",
                    score.logProbabilities().get(i),
                    score.tokens().get(i)));
        }
        return text.toString().getBytes(StandardCharsets.UTF_8);
    }
}
