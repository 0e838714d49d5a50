package dev.gyre.cli;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.gyre.TextClassifier;
import dev.gyre.TextClassifier.Label;
import dev.gyre.TextClassifier.TextPair;
import dev.gyre.TextClassifier.TokenLabel;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code gyre classify}. */
@Command(
        name = "classify",
        sortOptions = false,
        description = {
            "Labels texts, or their tokens, with a model that was trained for it (…ForSequenceClassification,"
                    + " …ForTokenClassification).",
            "A line of input to a line: label and probability, with a tab; what a"
                    + " model for regression says, as it is. Of a model that labels tokens: token, label and"
                    + " probability on a line each, and an empty line behind each text."
        })
final class ClassifyCommand implements Callable<Integer> {

    @Mixin
    private TextInput texts = new TextInput();

    @Mixin
    private EncoderArguments encoder = new EncoderArguments();

    @Option(names = "--top", paramLabel = "N", defaultValue = "1", description = "Labels for a text, best first.")
    private int top = 1;

    @Option(
            names = "--pairs",
            description =
                    "Every text is two texts with a tab between, which the model reads together (cross-encoders).")
    private boolean pairs;

    @Mixin
    private PlainOutput output = new PlainOutput();

    @Mixin
    private CommonOptions common = new CommonOptions();

    private final Streams streams;

    ClassifyCommand(Streams streams) {
        this.streams = streams;
    }

    @Override
    public Integer call() throws IOException {
        if (top < 1) {
            throw new UserException("--top is at least 1, not " + top);
        }
        try (TextClassifier model = encoder.configure(TextClassifier.builder(encoder.folder()))
                        .open();
                Sink sink = output.open(streams)) {
            texts.forEachGroup(streams, lines -> {
                List<String> all = lines.stream().map(Line::text).toList();
                if (pairs && model.labelsTokens()) {
                    throw new UserException(
                            "--pairs is for models that label texts; " + encoder.folder() + " labels tokens");
                }
                if (model.labelsTokens()) {
                    List<List<TokenLabel>> labels = model.classifyTokens(all);
                    for (int i = 0; i < lines.size(); i++) {
                        sink.write(tokens(lines.get(i), labels.get(i)));
                    }
                } else {
                    List<List<Label>> labels = pairs
                            ? model.classifyPairs(
                                    lines.stream().map(ClassifyCommand::pair).toList())
                            : model.classify(all);
                    for (int i = 0; i < lines.size(); i++) {
                        sink.write(labels(lines.get(i), labels.get(i)));
                    }
                }
            });
            sink.finish();
        }
        return ExitCode.OK;
    }

    private static TextPair pair(Line line) {
        String[] parts = line.text().split("\t", -1);
        if (parts.length != 2) {
            throw new UserException("text " + line.number() + " has " + (parts.length - 1)
                    + " tabs; --pairs needs one, between its two texts");
        }
        return new TextPair(parts[0], parts[1]);
    }

    private byte[] labels(Line line, List<Label> labels) throws IOException {
        List<Label> best = labels.subList(0, Math.min(top, labels.size()));
        if (!output.json()) {
            return text(best.stream()
                    .map(l -> l.name() + "\t" + number(l.probability()))
                    .collect(Collectors.joining("\t", "", "\n")));
        }
        return JsonLine.of(json -> {
            json.writeStringField("text", line.text());
            json.writeArrayFieldStart("labels");
            for (Label l : best) {
                object(json, "label", l.name(), l.probability());
            }
            json.writeEndArray();
        });
    }

    private byte[] tokens(Line line, List<TokenLabel> labels) throws IOException {
        if (!output.json()) {
            return text(labels.stream()
                    .map(l -> l.token() + "\t" + l.label() + "\t" + number(l.probability()) + "\n")
                    .collect(Collectors.joining("", "", "\n")));
        }
        return JsonLine.of(json -> {
            json.writeStringField("text", line.text());
            json.writeArrayFieldStart("tokens");
            for (TokenLabel l : labels) {
                json.writeStartObject();
                json.writeStringField("token", l.token());
                json.writeStringField("label", l.label());
                json.writeNumberField("probability", l.probability());
                json.writeEndObject();
            }
            json.writeEndArray();
        });
    }

    private static void object(JsonGenerator json, String field, String name, double probability) throws IOException {
        json.writeStartObject();
        json.writeStringField(field, name);
        json.writeNumberField("probability", probability);
        json.writeEndObject();
    }

    private static String number(double probability) {
        return String.format(Locale.ROOT, "%.6f", probability);
    }

    private static byte[] text(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
