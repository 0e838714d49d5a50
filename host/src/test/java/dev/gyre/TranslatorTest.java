package dev.gyre;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.gyre.decoding.GenerationOptions;
import dev.gyre.scheduler.SourceTooLongException;
import dev.gyre.weights.ModelFormatException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The demonstration model on the processor. */
class TranslatorTest {

    private static final Path MODEL = Path.of("..", "models", "en-de");
    private static Translator translator;

    @BeforeAll
    static void open() {
        translator = Translator.builder(MODEL)
                .device("cpu")
                .maxTargetLength(64)
                .options(GenerationOptions.builder().maxNewTokens(40).build())
                .open();
    }

    @AfterAll
    static void close() {
        translator.close();
    }

    @Test
    void translates() {
        Translation t = translator.translate("I have to admit I'm curious.");
        assertEquals("Ich muss zugeben, dass ich neugierig bin.", t.text());
        assertTrue(t.score() < 0 && t.score() > -1, "score " + t.score());
        assertEquals(0, t.alternatives().size());
        assertEquals("▁Ich", t.tokens().getFirst());
        assertFalse(t.tokens().contains("</s>"));
    }

    @Test
    void whiteSpaceIsEmpty() {
        List<Translation> all = translator.translate(List.of("", "Yes.", " \t "));
        assertEquals("", all.get(0).text());
        assertEquals("Ja.", all.get(1).text());
        assertEquals(Translation.EMPTY, all.get(2));
    }

    @Test
    void alternativesAreNextBest() {
        GenerationOptions three =
                GenerationOptions.builder().numBeams(4).numReturnSequences(3).build();
        Translation t = translator.translate("Good morning!", three);
        assertEquals(2, t.alternatives().size());
        assertTrue(t.score() >= t.alternatives().get(0).score());
        assertTrue(t.alternatives().get(0).score() >= t.alternatives().get(1).score());
        assertEquals(
                3,
                Stream.concat(Stream.of(t), t.alternatives().stream())
                        .map(Translation::tokens)
                        .distinct()
                        .count());
    }

    @Test
    void tokensAreTakenAsTheyAre() {
        GenerationOptions greedy = GenerationOptions.builder().numBeams(1).build();
        Translation text = translator.translate("Yes.", greedy);
        Translation tokens = translator
                .translateTokens(List.of(List.of("▁", "Yes", ".", "</s>")), greedy)
                .getFirst();
        assertEquals(text.tokens(), tokens.tokens());
        assertEquals(String.join(" ", text.tokens()), tokens.text());
    }

    @Test
    void aPrefixIsKept() {
        int[] prefix = translator.tokenizer().targetIds(List.of("▁", "Nein"));
        Translation t = translator.translate(
                "Yes.", GenerationOptions.builder().targetPrefix(prefix).build());
        assertTrue(t.text().startsWith("Nein"), t.text());
    }

    @Test
    void aStreamIsPulledAsItIsRead() {
        AtomicInteger pulled = new AtomicInteger();
        List<String> sentences = List.of("Yes.", "", "No.", "Thank you.");
        Stream<String> endless = IntStream.iterate(0, i -> i + 1)
                .peek(i -> pulled.incrementAndGet())
                .mapToObj(i -> sentences.get(i % 4));
        List<String> expected =
                translator.translate(sentences).stream().map(Translation::text).toList();
        List<String> first = new ArrayList<>();
        try (Stream<Translation> all = translator.translate(endless)) {
            all.limit(10).forEach(t -> first.add(t.text()));
        }
        for (int i = 0; i < 10; i++) {
            assertEquals(expected.get(i % 4), first.get(i));
        }
        assertTrue(pulled.get() <= OrderedResults.UNDER_WAY + 10, pulled + " were pulled");
    }

    @Test
    void resultsBeforeAFailureComeFirst() {
        String overlong = "word ".repeat(2000);
        List<String> done = new ArrayList<>();
        try (Stream<Translation> all = translator.translate(Stream.of("Yes.", "No.", overlong, "Yes."))) {
            assertThrows(SourceTooLongException.class, () -> all.forEach(t -> done.add(t.text())));
        }
        assertEquals(List.of("Ja.", "Nein."), done);
    }

    @Test
    void anOverlongTextNamesTheNumbers() {
        String message = assertThrows(SourceTooLongException.class, () -> translator.translate("word ".repeat(2000)))
                .getMessage();
        assertTrue(message.contains("2001 tokens") && message.contains("256"), message);
    }

    @Test
    void aCancelledTranslationIsCancelled() {
        CompletableFuture<Translation> future = translator.submit("This will not be waited for.");
        future.cancel(false);
        assertTrue(future.isCancelled());
        assertEquals("Ja.", translator.translate("Yes.").text());
    }

    @Test
    void whatCannotTranslateSaysSo(@TempDir Path folder) throws IOException {
        Path marian = Path.of("src", "test", "resources", "goldens", "marian");
        try (Translator t = Translator.builder(marian).device("cpu").open()) {
            OneLine.assertFails(ModelFormatException.class, () -> t.translate("Yes."), "no tokenizer files");
        }
        OneLine.assertFails(ModelFormatException.class, () -> Translator.open(folder), "config.json");
    }

    @Test
    void afterClosingNothingStarts() {
        Translator closed = Translator.builder(MODEL)
                .device("cpu")
                .maxTargetLength(16)
                .batchTokens(64)
                .open();
        closed.close();
        closed.close();
        assertThrows(IllegalStateException.class, () -> closed.translate("Yes."));
    }
}
