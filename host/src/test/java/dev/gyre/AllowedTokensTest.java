package dev.gyre;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.gyre.decoding.GenerationOptions;
import dev.gyre.decoding.Hypothesis;
import dev.gyre.decoding.Option;
import dev.gyre.scheduler.Seq2SeqRequest;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Rules for the next token against what transformers 5.18 finds with {@code prefix_allowed_tokens_fn}. */
class AllowedTokensTest {

    private static Translator translator;

    @BeforeAll
    static void open() {
        translator = Translator.builder(Path.of("src", "test", "resources", "goldens", "marian-options"))
                .device("cpu")
                .batchTokens(64)
                .open();
    }

    @AfterAll
    static void close() {
        translator.close();
    }

    /** Six tokens, but never one twice in a row. */
    private static GenerationOptions.Builder six(int beams) {
        return GenerationOptions.builder()
                .numBeams(beams)
                .numReturnSequences(beams)
                .maxNewTokens(6)
                .minNewTokens(3)
                .nextTokens(s -> IntStream.of(5, 9, 17, 33, 60, 0)
                        .filter(t -> t != s[s.length - 1])
                        .toArray());
    }

    @Test
    void areNormalisedOverAllTokens() {
        assertFinds(six(1), List.of("[130, 17, 33, 9, 0]"));
        assertFinds(
                six(3),
                List.of("[130, 17, 5, 9, 0]", "[130, 17, 33, 9, 0]", "[130, 17, 9, 17, 0]"),
                -4.0423,
                -4.0475,
                -4.1495);
    }

    @Test
    void areNormalisedAmongThemselves() {
        assertFinds(six(1).set(Option.RENORMALIZE_LOGITS, true), List.of("[130, 17, 33, 9, 0]"));
        assertFinds(
                six(3).set(Option.RENORMALIZE_LOGITS, true),
                List.of("[130, 9, 33, 17, 0]", "[130, 17, 5, 9, 0]", "[130, 17, 33, 9, 0]"),
                -0.6630,
                -0.6722,
                -0.7459);
    }

    @Test
    void comeThoughTheyAreBanned() {
        for (boolean renormalize : new boolean[] {false, true}) {
            for (int beams : new int[] {1, 3}) {
                GenerationOptions.Builder end =
                        six(beams).numReturnSequences(1).allowedTokenIds(0).set(Option.RENORMALIZE_LOGITS, renormalize);
                assertFinds(end, List.of("[130, 0]"), 0);
            }
        }
    }

    private static void assertFinds(GenerationOptions.Builder options, List<String> sequences, double... scores) {
        List<Hypothesis> found = translator
                .seq2seq()
                .submit(new Seq2SeqRequest(new int[] {14, 33, 7, 60, 5, 0}, options.build(), 0))
                .join();
        assertEquals(
                sequences,
                found.stream().map(h -> Arrays.toString(h.sequence())).toList());
        for (int i = 0; i < scores.length; i++) {
            assertEquals(scores[i], found.get(i).score(), 2e-4);
        }
    }
}
