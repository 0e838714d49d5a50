package dev.gyre.endtoend;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.gyre.Translation;
import dev.gyre.Translator;
import dev.gyre.backend.Backends;
import dev.gyre.backend.DeviceDescription;
import dev.gyre.decoding.GenerationOptions;
import dev.gyre.tokens.Tokenizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** CTranslate2's models with the expectations of its own tests and the output of its own runs. */
class CTranslate2Test {

    private static final String NAME = "آ ت ز م و ن";

    /** The devices that take part, as in the conformance suite. */
    static List<String> devices() {
        String chosen = System.getProperty("gyre.conformance.devices", "");
        return Stream.of("cpu", "opencl", "tornado")
                .filter(name -> chosen.isEmpty() || chosen.equals(name))
                .filter(name -> Backends.all().stream()
                        .anyMatch(b ->
                                b.name().equals(name) && b.devices().stream().anyMatch(DeviceDescription::usable)))
                .toList();
    }

    static List<Arguments> transliterations() throws IOException {
        Path root = Material.shared("models/aren-transliteration");
        try (Stream<Path> files = Files.walk(root)) {
            return files.filter(f -> f.endsWith("model.bin"))
                    .map(f -> root.relativize(f.getParent()))
                    .sorted()
                    .flatMap(f -> devices().stream().map(d -> Arguments.arguments(f, d)))
                    .toList();
        }
    }

    private static String translate(Translator t, String source, GenerationOptions options) {
        return t.translateTokens(List.of(tokens(source)), options).getFirst().text();
    }

    private static List<String> tokens(String line) {
        return line.isBlank() ? List.of() : List.of(line.strip().split(" "));
    }

    @ParameterizedTest(name = "{0} on {1}")
    @MethodSource("transliterations")
    void transliterates(Path file, String device) {
        Path model = Material.shared("models/aren-transliteration").resolve(file);
        try (Translator t = Translator.builder(model).device(device).open()) {
            Tokenizer tokenizer = t.tokenizer();
            for (int beams : new int[] {1, 4}) {
                GenerationOptions plain =
                        GenerationOptions.builder().numBeams(beams).build();
                assertEquals("a t z m o n", translate(t, NAME, plain));
                assertEquals("a z z a", translate(t, "آ ز ا", plain));
                assertEquals(
                        "a t s u m o n",
                        translate(
                                t,
                                NAME,
                                plain.toBuilder()
                                        .targetPrefix(ids(tokenizer, "a t s"))
                                        .build()));
                assertEquals(
                        "<unk> t z m o n",
                        translate(
                                t,
                                NAME,
                                plain.toBuilder()
                                        .targetPrefix(ids(tokenizer, "<unk> t"))
                                        .build()));
                assertEquals(
                        "a t z",
                        translate(
                                t,
                                NAME,
                                plain.toBuilder()
                                        .eosTokenIds(list(tokenizer, "m"))
                                        .build()));
                assertEquals(
                        "a t z u m u n",
                        translate(
                                t,
                                NAME,
                                plain.toBuilder()
                                        .badWordsIds(List.of(list(tokenizer, "o"), list(tokenizer, "t z m")))
                                        .build()));
                assertEquals(
                        3,
                        tokens(translate(
                                        t,
                                        NAME,
                                        plain.toBuilder().maxNewTokens(3).build()))
                                .size());
                assertEquals(
                        8,
                        tokens(translate(
                                        t,
                                        NAME,
                                        plain.toBuilder().minNewTokens(8).build()))
                                .size());
                assertEquals(
                        List.of("a t z m o n", "", "a z z a"),
                        t.translateTokens(List.of(tokens(NAME), List.of(), tokens("آ ز ا")), plain).stream()
                                .map(Translation::text)
                                .toList());
            }
        }
    }

    private static int[] ids(Tokenizer tokenizer, String line) {
        return tokenizer.targetIds(tokens(line));
    }

    private static List<Integer> list(Tokenizer tokenizer, String line) {
        return Arrays.stream(ids(tokenizer, line)).boxed().toList();
    }

    @ParameterizedTest
    @MethodSource("devices")
    void theCurrentFormat(String device) throws IOException {
        Path model = Material.shared("models/ct2-v6");
        List<List<String>> sources = Files.readAllLines(model.resolve("source.txt")).stream()
                .map(CTranslate2Test::tokens)
                .toList();
        try (Translator t = Translator.builder(model).device(device).open()) {
            for (int beams : new int[] {1, 4}) {
                GenerationOptions options = GenerationOptions.builder()
                        .numBeams(beams)
                        .maxNewTokens(24)
                        .build();
                List<String> expected = Files.readAllLines(model.resolve("expected-beam" + beams + ".txt")).stream()
                        .map(String::strip)
                        .toList();
                assertEquals(
                        expected,
                        t.translateTokens(sources, options).stream()
                                .map(Translation::text)
                                .toList());
            }
        }
    }
}
