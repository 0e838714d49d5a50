package dev.gyre.cli;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.gyre.Generation;
import dev.gyre.StopStrings;
import dev.gyre.TextGenerator;
import dev.gyre.decoding.GenerationOptions;
import dev.gyre.decoding.NoTokenException;
import dev.gyre.decoding.Option;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code gyre generate}. */
@Command(
        name = "generate",
        sortOptions = false,
        description = {
            "Continues prompts with a decoder-only model (gpt2, llama, mistral, qwen2): a line of input to a line of"
                    + " generated text, without the prompt.",
            "One prompt on the command line is written as the tokens come. A prompt is text as it stands: chat templates"
                    + " are not applied."
        })
final class GenerateCommand implements Callable<Integer> {

    /** See {@link TextGenerator.Builder#batchTokens}. */
    private static final long TOKENS_PER_SEQUENCE = 16;

    private static final long ALWAYS_FITS = 1024;

    @Mixin
    private TextInput prompts = new TextInput();

    @picocli.CommandLine.Option(
            names = {"-m", "--model"},
            required = true,
            paramLabel = "DIR",
            description = "A model's folder.")
    private Path folder = Path.of("");

    @Mixin
    private PlainOutput output = new PlainOutput();

    @Mixin
    private DeviceArguments device = new DeviceArguments();

    @picocli.CommandLine.Option(
            names = "--max-context",
            paramLabel = "N",
            defaultValue = "0",
            description =
                    "Tokens of a prompt and its continuation, for which every sequence has memory. Without: what the"
                            + " model allows, at most 2048.")
    private int context;

    @picocli.CommandLine.Option(
            names = "--stop",
            paramLabel = "TEXT",
            description = "End when this has been generated; may be given several times.")
    private List<String> stop = new ArrayList<>();

    @Mixin
    private GenerationArguments generation = new GenerationArguments();

    @Mixin
    private CommonOptions common = new CommonOptions();

    private final Streams streams;

    GenerateCommand(Streams streams) {
        this.streams = streams;
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        Input from = prompts.input(streams);
        if (stop.contains("")) {
            throw new UserException("--stop needs a text that is not empty");
        }
        GenerationOptions given =
                generation.options().toBuilder().scores(output.json()).build();
        try (TextGenerator generator = open(given, from);
                Sink sink = output.open(streams)) {
            GenerationOptions options = options(given, generator);
            if (from instanceof Input.Arguments arguments && arguments.texts().size() == 1 && streams(options)) {
                stream(generator, arguments.texts().getFirst(), options, sink);
            } else {
                try (LineReader lines = from.open()) {
                    // What is drawn for a line depends on its number.
                    new Pipeline<Generation>(lines, l -> generator.submit(l.text(), options, l.number() - 1))
                            .run((line, result) -> sink.write(bytes(line, result)));
                }
            }
            sink.finish();
        }
        return ExitCode.OK;
    }

    /** Every sequence has memory for its whole context, so there is room for no more of them than there can be. */
    private TextGenerator open(GenerationOptions given, Input from) {
        if (context < 0) {
            throw new UserException("--max-context is at least 1, not " + context);
        }
        int beams = Objects.requireNonNullElse(given.get(Option.NUM_BEAMS), 1);
        int sequences = Objects.requireNonNullElse(given.get(Option.NUM_RETURN_SEQUENCES), 1);
        int most = Math.max(beams, sequences);
        long prompts =
                from instanceof Input.Arguments arguments ? arguments.texts().size() : Integer.MAX_VALUE;
        long tokens = TOKENS_PER_SEQUENCE * prompts * most;
        return TextGenerator.builder(folder)
                .device(device.device())
                .deviceOptions(device.options())
                .maxLength(context)
                .batchTokens(tokens < ALWAYS_FITS ? (int) tokens : 0)
                .maxBeams(most)
                .open();
    }

    private GenerationOptions options(GenerationOptions given, TextGenerator generator) {
        GenerationOptions options = generation.with(given, generator.model());
        return stop.isEmpty()
                ? options
                : options.toBuilder()
                        .stopWhen(new StopStrings(generator.tokenizer(), stop))
                        .build();
    }

    private boolean streams(GenerationOptions options) {
        Integer beams = options.get(Option.NUM_BEAMS);
        Integer sequences = options.get(Option.NUM_RETURN_SEQUENCES);
        return !output.json() && (beams == null || beams == 1) && (sequences == null || sequences == 1);
    }

    private static void stream(TextGenerator generator, String prompt, GenerationOptions options, Sink sink)
            throws IOException {
        try {
            generator.stream(prompt, options, piece -> {
                try {
                    sink.write(piece.getBytes(StandardCharsets.UTF_8));
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            });
        } catch (IllegalArgumentException | NoTokenException e) {
            throw new UserException(Failure.oneLine(e.getMessage()), e);
        }
        sink.write(new byte[] {'\n'});
    }

    private byte[] bytes(Line line, Generation result) throws IOException {
        List<Generation> all = new ArrayList<>();
        all.add(result);
        all.addAll(result.alternatives());
        if (!output.json()) {
            StringBuilder text = new StringBuilder();
            all.forEach(g -> text.append(g.text().replaceAll("\\R", " ")).append('\n'));
            return text.toString().getBytes(StandardCharsets.UTF_8);
        }
        return JsonLine.of(json -> {
            json.writeStringField("prompt", line.text());
            json.writeArrayFieldStart("generated");
            for (Generation g : all) {
                json.writeStartObject();
                json.writeStringField("text", g.text());
                json.writeArrayFieldStart("tokens");
                for (String token : g.tokens()) {
                    json.writeString(token);
                }
                json.writeEndArray();
                json.writeArrayFieldStart("token_scores");
                for (float score : g.tokenScores()) {
                    number(json, score);
                }
                json.writeEndArray();
                json.writeFieldName("score");
                number(json, g.score());
                json.writeBooleanField("ended", g.ended());
                json.writeEndObject();
            }
            json.writeEndArray();
        });
    }

    private static void number(JsonGenerator json, float score) throws IOException {
        if (Float.isFinite(score)) {
            json.writeNumber(score);
        } else {
            json.writeNull();
        }
    }
}
