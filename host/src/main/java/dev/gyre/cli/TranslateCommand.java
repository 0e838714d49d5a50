package dev.gyre.cli;

import dev.gyre.Translation;
import dev.gyre.Translator;
import dev.gyre.backend.ComputeType;
import dev.gyre.decoding.GenerationOptions;
import dev.gyre.decoding.Option;
import dev.gyre.scheduler.CapacityPlan;
import dev.gyre.scheduler.OverlongSource;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code gyre translate}. */
@Command(
        name = "translate",
        sortOptions = false,
        description = {
            "Translates text, a line of input to a line of output, in the order of the input.",
            "An empty line becomes an empty line. Input is UTF-8; anything else is an error that names the place."
        })
final class TranslateCommand implements Callable<Integer> {

    private static final Pattern SPACES = Pattern.compile(" +");

    @Parameters(arity = "0..*", paramLabel = "TEXT", description = "Sentences. Without, --input or standard input.")
    private List<String> texts = new ArrayList<>();

    @Mixin
    private ModelArguments model = new ModelArguments();

    @picocli.CommandLine.Option(
            names = {"-i", "--input"},
            paramLabel = "FILE",
            description = "File to read, a sentence on a line; - for standard input.")
    private @Nullable String input;

    @picocli.CommandLine.Option(
            names = "--source-lang",
            paramLabel = "CODE",
            description =
                    "Language of the text, for many-to-many models: en_XX (mBART), eng_Latn (NLLB), en (M2M-100).")
    private @Nullable String sourceLanguage;

    @picocli.CommandLine.Option(
            names = "--target-lang",
            paramLabel = "CODE",
            description = "Language to translate into, for many-to-many models.")
    private @Nullable String targetLanguage;

    @Mixin
    private OutputArguments output = new OutputArguments();

    @picocli.CommandLine.Option(
            names = "--tokens",
            description = "Source and target are tokens separated by spaces: exactly these, nothing added.")
    private boolean tokens;

    @picocli.CommandLine.Option(
            names = "--overlong",
            paramLabel = "reject|truncate",
            defaultValue = "reject",
            description = "What happens to a sentence with more tokens than the model takes: an error that names the"
                    + " line, or its last tokens are dropped.")
    private OverlongSource overlong = OverlongSource.REJECT;

    @Mixin
    private DeviceArguments device = new DeviceArguments();

    @picocli.CommandLine.Option(
            names = "--batch-tokens",
            paramLabel = "N",
            description = "Source tokens to compute at once. Without: what suits the device.")
    private @Nullable Integer batchTokens;

    @Mixin
    private GenerationArguments generation = new GenerationArguments();

    @Mixin
    private CommonOptions common = new CommonOptions();

    private final Streams streams;

    TranslateCommand(Streams streams) {
        this.streams = streams;
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        Input from = input();
        output.check(from);
        GenerationOptions options =
                generation.options().toBuilder().scores(output.scores()).build();
        int sequences = Objects.requireNonNullElse(options.get(Option.NUM_RETURN_SEQUENCES), 1);
        RecordWriter writer = output.writer(tokens, sequences);
        Path folder = model.folder();
        // A file is read once before, to know how much there is and what the output will be of.
        Optional<Input.Survey> survey =
                output.resumable() || StandardError.isTerminal() ? from.survey() : Optional.empty();
        try (LineReader lines = from.open();
                Translator translator = open(folder, options);
                Sink sink = output.open(
                        journal(survey, folder, writer.linesPerRecord(), translator.computeType()), streams)) {
            skip(lines, sink.present());
            Thread farewell = Thread.ofPlatform().unstarted(() -> interrupted(sink));
            Runtime.getRuntime().addShutdownHook(farewell);
            try (Progress progress = progress(survey, sink.present())) {
                GenerationOptions all = checked(generation.with(options, translator.model()), translator);
                new Pipeline<Translation>(lines, l -> submit(translator, l, all)).run((line, result) -> {
                    sink.write(writer.bytes(line, result));
                    progress.step();
                });
                sink.finish();
            } finally {
                forget(farewell);
            }
        }
        return ExitCode.OK;
    }

    private Input input() {
        if (!texts.isEmpty() && input != null) {
            throw new UserException("give sentences or --input, not both");
        }
        if (!texts.isEmpty()) {
            return new Input.Arguments(texts);
        }
        if (input != null && !input.equals("-")) {
            return Input.File.named(input);
        }
        // The script knows.
        if (Boolean.getBoolean("gyre.stdin.terminal")) {
            streams.say("type a sentence on a line; Ctrl-D ends");
        }
        return new Input.Standard(streams.in());
    }

    private Translator open(Path folder, GenerationOptions options) {
        int beams = Objects.requireNonNullElse(options.get(Option.NUM_BEAMS), 1);
        int sequences = Objects.requireNonNullElse(options.get(Option.NUM_RETURN_SEQUENCES), 1);
        Translator.Builder builder = Translator.builder(folder)
                .device(device.device())
                .deviceOptions(device.options())
                .overlong(overlong)
                .maxBeams(Math.max(CapacityPlan.DEFAULTS.maxHypotheses(), Math.max(beams, sequences)));
        if (batchTokens != null) {
            if (batchTokens < 1 || batchTokens > CapacityPlan.MOST_TOKENS) {
                throw new UserException("--batch-tokens must be a whole number from 1 to " + CapacityPlan.MOST_TOKENS
                        + ", not " + batchTokens);
            }
            builder.batchTokens(batchTokens);
        }
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

    private GenerationOptions checked(GenerationOptions options, Translator translator) {
        try {
            translator.seq2seq().settings(options);
            return options;
        } catch (IllegalArgumentException e) {
            throw new UserException(generation.explain(e, translator.model()), e);
        }
    }

    /** What is drawn for a line depends on its number, so that a continued run draws the same. */
    private CompletableFuture<Translation> submit(Translator translator, Line line, GenerationOptions options) {
        long index = line.number() - 1;
        return tokens
                ? translator.submitTokens(
                        SPACES.splitAsStream(line.text())
                                .filter(t -> !t.isEmpty())
                                .toList(),
                        options,
                        index)
                : translator.submit(line.text(), options, index);
    }

    /**
     * Device and batch do not change the result, so they may change on the way; so may the rule for overlong lines. The
     * compute type is the one that was taken: auto may be another on another device.
     */
    private Journal journal(Optional<Input.Survey> survey, Path folder, int linesPerRecord, ComputeType type)
            throws IOException {
        Map<String, String> settings = new TreeMap<>(generation.given());
        settings.put("the input", survey.map(Input.Survey::digest).orElse("read once"));
        settings.put("--tokens", Boolean.toString(tokens));
        settings.put("--source-lang", Objects.requireNonNullElse(sourceLanguage, ""));
        settings.put("--target-lang", Objects.requireNonNullElse(targetLanguage, ""));
        settings.put("--compute-type", type.text());
        settings.put("--format", output.look());
        settings.put("the model", output.resumable() ? ModelFingerprint.of(folder) : "");
        return new Journal(linesPerRecord, settings);
    }

    private static void skip(LineReader lines, long count) throws IOException {
        for (long i = 0; i < count; i++) {
            if (lines.next() == null) {
                throw new UserException(lines.name() + " has fewer lines than were translated, " + i + " and not "
                        + count + ": start afresh with --overwrite");
            }
        }
    }

    private Progress progress(Optional<Input.Survey> survey, long present) {
        return survey.isPresent() && (input != null) && StandardError.isTerminal()
                ? Progress.on(streams.err(), survey.get().lines(), present)
                : Progress.none();
    }

    private void interrupted(Sink sink) {
        String kept = sink.interrupt();
        if (!kept.isEmpty()) {
            streams.err().println();
            streams.say("interrupted; " + kept);
        }
    }

    /** An exit that has begun cannot be taken back, and then the hook is to run. */
    private static void forget(Thread hook) {
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException e) {
            // The process is ending; the hook says what there is to say.
        }
    }
}
