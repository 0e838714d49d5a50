package dev.gyre;

import dev.gyre.decoding.GenerationOptions;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** The example of the documentation; compiled with the tests. */
final class TranslatorExample {

    private TranslatorExample() {}

    static void translate(Path model, Stream<String> lines) {
        // @start region="example"
        try (Translator translator = Translator.open(model)) {
            System.out.println(
                    translator.translate("The weather is nice today.").text());

            GenerationOptions options =
                    GenerationOptions.builder().numBeams(4).maxNewTokens(64).build();
            for (Translation t : translator.translate(List.of("Good morning.", "See you soon."), options)) {
                System.out.println(t.score() + " " + t.text());
            }

            // Any number of lines, in order, with a bounded number under way.
            try (Stream<Translation> all = translator.translate(lines)) {
                all.forEach(t -> System.out.println(t.text()));
            }
        }
        // @end
    }
}
