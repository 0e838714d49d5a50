package dev.gyre.cli;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.gyre.Pooling;
import dev.gyre.TextEncoder;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.StringJoiner;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code gyre embed}. */
@Command(
        name = "embed",
        sortOptions = false,
        description = {
            "Turns texts into vectors with an encoder-only model (bert, roberta, xlm-roberta, distilbert, mpnet, electra): a line of input"
                    + " to a line of numbers.",
            "Pooling and normalisation are as the files of sentence-transformers in the model's folder say; without such"
                    + " files the mean of all rows, not normalised."
        })
final class EmbedCommand implements Callable<Integer> {

    @Mixin
    private TextInput texts = new TextInput();

    @Mixin
    private EncoderArguments encoder = new EncoderArguments();

    @Option(
            names = "--pooling",
            paramLabel = "mean|cls|max|last|pooler",
            description = "How the rows of a text become one vector.")
    private @Nullable Pooling pooling;

    @Option(names = "--normalise", negatable = true, description = "Vectors of length 1, or as they come.")
    private @Nullable Boolean normalise;

    @Mixin
    private PlainOutput output = new PlainOutput();

    @Mixin
    private CommonOptions common = new CommonOptions();

    private final Streams streams;

    EmbedCommand(Streams streams) {
        this.streams = streams;
    }

    @Override
    public Integer call() throws IOException {
        output.check(texts.input(streams));
        try (TextEncoder model = open();
                Sink sink = output.open(streams)) {
            texts.forEachGroup(streams, lines -> {
                List<float[]> vectors =
                        model.embed(lines.stream().map(Line::text).toList());
                for (int i = 0; i < lines.size(); i++) {
                    sink.write(bytes(lines.get(i), vectors.get(i)));
                }
            });
            sink.finish();
        }
        return ExitCode.OK;
    }

    private TextEncoder open() {
        TextEncoder.Builder builder = encoder.configure(TextEncoder.builder(encoder.folder()));
        if (pooling != null) {
            builder.pooling(pooling);
        }
        if (normalise != null) {
            builder.normalise(normalise);
        }
        return builder.open();
    }

    private byte[] bytes(Line line, float[] vector) throws IOException {
        if (output.json()) {
            return JsonLine.of(json -> object(json, line, vector));
        }
        StringJoiner numbers = new StringJoiner(" ", "", "\n");
        for (float v : vector) {
            numbers.add(Float.toString(v));
        }
        return numbers.toString().getBytes(StandardCharsets.UTF_8);
    }

    private static void object(JsonGenerator json, Line line, float[] vector) throws IOException {
        json.writeStringField("text", line.text());
        json.writeArrayFieldStart("embedding");
        for (float v : vector) {
            json.writeNumber(v);
        }
        json.writeEndArray();
    }
}
