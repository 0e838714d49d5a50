package dev.gyre.models;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.gyre.OneLine;
import dev.gyre.SharedFolder;
import dev.gyre.backend.DeviceOptions;
import dev.gyre.cpu.ReferenceBackend;
import dev.gyre.decoding.GenerationOptions;
import dev.gyre.decoding.Hypothesis;
import dev.gyre.decoding.SearchSettings;
import dev.gyre.decoding.Target;
import dev.gyre.scheduler.CapacityPlan;
import dev.gyre.scheduler.OverlongSource;
import dev.gyre.scheduler.Seq2Seq;
import dev.gyre.scheduler.Seq2SeqRequest;
import dev.gyre.tokens.Tokenizer;
import dev.gyre.weights.ModelFormatException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Models that CTranslate2 wrote, on the reference backend. */
class CTranslate2ModelsTest {

    @TempDir
    Path folder;

    /** Expected outputs are those of CTranslate2's own tests. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "v1/aren-transliteration",
                "v1/aren-transliteration-i16",
                "v2/aren-transliteration",
                "v2/aren-transliteration-i16",
                "v2/aren-transliteration-i8"
            })
    void transliterates(String name) {
        Path path = SharedFolder.require("models/aren-transliteration/" + name);
        try (ModelDirectory model = ModelDirectory.open(path)) {
            List<String> sources = List.of("آ ت ز م و ن", "", "آ ز ا");
            List<String> targets = List.of("a t z m o n", "", "a z z a");
            assertEquals(targets, generate(model, sources, 1, 256));
            assertEquals(targets, generate(model, sources, 4, 256));
        }
    }

    /** CTranslate2 4.8's output; random weights make near ties, of which at most two lines may fall otherwise. */
    @ParameterizedTest
    @ValueSource(ints = {1, 4})
    void translatesAsCTranslate2Does(int beams) throws IOException {
        Path path = SharedFolder.require("models/ct2-v6");
        List<String> sources = Files.readAllLines(path.resolve("source.txt")).subList(0, 16);
        List<String> expected = Files.readAllLines(path.resolve("expected-beam" + beams + ".txt"))
                .subList(0, 16);
        try (ModelDirectory model = ModelDirectory.open(path)) {
            List<String> found = generate(model, sources, beams, 24);
            List<String> other = new ArrayList<>();
            for (int i = 0; i < expected.size(); i++) {
                if (!expected.get(i).equals(found.get(i))) {
                    other.add(i + ": " + found.get(i));
                }
            }
            assertEquals(true, other.size() <= 2, () -> "not as expected: " + other);
        }
    }

    /** The default of 256 new tokens does not stand above what a request says. */
    @Test
    void aGivenMaximumLengthCounts() {
        Path path = SharedFolder.require("models/ct2-v6");
        try (ModelDirectory model = ModelDirectory.open(path)) {
            SearchSettings settings = SearchSettings.of(
                    GenerationOptions.builder().maxLength(4).build(),
                    GenerationOptions.of(model.generationOptions()),
                    new Target(300, 128));
            assertEquals(4, settings.maxLength());
        }
    }

    @Test
    void refusesFoldersThatLackFiles() throws IOException {
        Path path = SharedFolder.require("models/ct2-v6");
        Files.copy(path.resolve("model.bin"), folder.resolve("model.bin"));
        OneLine.assertFails(
                ModelFormatException.class, () -> ModelDirectory.open(folder), "config.json", "version 6 needs it");
        Files.copy(path.resolve("config.json"), folder.resolve("config.json"));
        OneLine.assertFails(
                ModelFormatException.class, () -> ModelDirectory.open(folder), "target_vocabulary.json or .txt");
        Files.writeString(folder.resolve("shared_vocabulary.json"), "[\"<s>\", \"</s>\"]");
        OneLine.assertFails(
                ModelFormatException.class,
                () -> ModelDirectory.open(folder),
                "shared_vocabulary.json has 3 tokens",
                "have 300");
    }

    private static List<String> generate(ModelDirectory model, List<String> sources, int beams, int longest) {
        Tokenizer tokenizer = model.tokenizer().orElseThrow();
        GenerationOptions options = GenerationOptions.builder()
                .numBeams(beams)
                .maxNewTokens(longest)
                .build();
        List<Seq2SeqRequest> requests = sources.stream()
                .map(s -> Seq2SeqRequest.of(tokenizer.encode(s)).with(options))
                .toList();
        try (Seq2Seq seq2seq = new Seq2Seq(
                new ReferenceBackend().open(0, DeviceOptions.DEFAULTS),
                model.transformer(),
                model.weights(),
                GenerationOptions.of(model.generationOptions()),
                new CapacityPlan(256, 8, 256, 64),
                OverlongSource.REJECT)) {
            return seq2seq.generate(requests).stream()
                    .map(List::getFirst)
                    .map(Hypothesis::tokens)
                    .map(tokenizer::targetTokens)
                    .map(tokens -> String.join(" ", Objects.requireNonNull(tokens)))
                    .toList();
        }
    }
}
