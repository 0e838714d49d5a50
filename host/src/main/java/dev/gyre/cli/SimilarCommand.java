package dev.gyre.cli;

import dev.gyre.TextEncoder;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code gyre similar}. */
@Command(
        name = "similar",
        sortOptions = false,
        description = {
            "Prints the cosine similarity of each two texts: 1 for the same direction, 0 for nothing in common.",
            "With --tokens, of every two tokens of one text as the last layer has them in their context."
        })
final class SimilarCommand implements Callable<Integer> {

    @Parameters(arity = "1..*", paramLabel = "TEXT", description = "Words or sentences.")
    private List<String> texts = new ArrayList<>();

    @Mixin
    private EncoderArguments encoder = new EncoderArguments();

    @Option(names = "--tokens", description = "Compare the tokens of one text instead.")
    private boolean tokens;

    @Mixin
    private CommonOptions common = new CommonOptions();

    private final Streams streams;

    SimilarCommand(Streams streams) {
        this.streams = streams;
    }

    /** Something with a vector. */
    private record Named(String name, float[] vector) {}

    @Override
    public Integer call() throws IOException {
        if (tokens ? texts.size() != 1 : texts.size() < 2) {
            throw new UserException(
                    tokens
                            ? "--tokens compares the tokens of one text; there are " + texts.size()
                            : "give two texts or more, or one with --tokens");
        }
        List<Named> named;
        try (TextEncoder model =
                encoder.configure(TextEncoder.builder(encoder.folder())).open()) {
            named = tokens ? ofTokens(model) : ofTexts(model);
        } catch (IllegalArgumentException e) {
            throw new UserException(Failure.oneLine(e.getMessage()), e);
        }
        streams.write(table(named));
        return ExitCode.OK;
    }

    private List<Named> ofTokens(TextEncoder model) {
        return model.tokens(texts.getFirst()).stream()
                .map(t -> new Named(t.token(), t.vector()))
                .toList();
    }

    private List<Named> ofTexts(TextEncoder model) {
        List<float[]> vectors = model.embed(texts);
        List<Named> named = new ArrayList<>();
        for (int i = 0; i < vectors.size(); i++) {
            named.add(new Named(texts.get(i), vectors.get(i)));
        }
        return named;
    }

    private static String table(List<Named> named) {
        StringBuilder table = new StringBuilder();
        for (int i = 0; i < named.size(); i++) {
            for (int j = i + 1; j < named.size(); j++) {
                double cosine =
                        TextEncoder.cosine(named.get(i).vector(), named.get(j).vector());
                table.append(String.format(
                        Locale.ROOT,
                        "%7.4f\t%s\t%s\n",
                        cosine,
                        named.get(i).name(),
                        named.get(j).name()));
            }
        }
        return table.toString();
    }
}
