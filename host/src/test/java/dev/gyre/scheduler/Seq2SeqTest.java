package dev.gyre.scheduler;

import static dev.gyre.scheduler.TinyRuns.SMALL;
import static dev.gyre.scheduler.TinyRuns.device;
import static dev.gyre.scheduler.TinyRuns.open;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.gyre.decoding.EarlyStopping;
import dev.gyre.decoding.GenerationOptions;
import dev.gyre.decoding.Hypothesis;
import dev.gyre.decoding.Option;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(120)
class Seq2SeqTest {

    @Test
    void oneBeamOfManyScoresLikeGreedy() {
        GenerationOptions greedy =
                GenerationOptions.builder().maxNewTokens(1).lengthPenalty(1).build();
        GenerationOptions beams = greedy.toBuilder().numBeams(3).build();
        int[] source = TinyModel.source(7, 3);
        try (Seq2Seq seq2seq = open(SMALL)) {
            List<List<Hypothesis>> both = seq2seq.generate(List.of(
                    Seq2SeqRequest.of(source).with(greedy),
                    Seq2SeqRequest.of(source).with(beams)));
            assertArrayEquals(
                    both.get(0).getFirst().sequence(), both.get(1).getFirst().sequence());
            assertEquals(both.get(0).getFirst().score(), both.get(1).getFirst().score(), 1e-5);
            assertNotEquals(0, both.get(0).getFirst().score());
        }
    }

    @Test
    void anEmptySourceHasAnEmptyTarget() {
        try (Seq2Seq seq2seq = open(SMALL)) {
            List<List<Hypothesis>> results =
                    seq2seq.generate(List.of(Seq2SeqRequest.of(4, 5), Seq2SeqRequest.of(), Seq2SeqRequest.of(6, 7)));
            assertEquals(0, results.get(1).getFirst().tokens().length);
            assertTrue(results.get(0).getFirst().tokens().length > 0);
        }
    }

    @Test
    void theUsersMistakesAreOneLine() {
        try (Seq2Seq seq2seq = open(SMALL)) {
            assertMessage(seq2seq, Seq2SeqRequest.of(99), "token 99", "41 tokens");
            assertMessage(seq2seq, Seq2SeqRequest.of(-1), "token -1");
            assertMessage(seq2seq, Seq2SeqRequest.of(new int[49]), "49 tokens", "at most 48");
            assertMessage(
                    seq2seq,
                    Seq2SeqRequest.of(3)
                            .with(GenerationOptions.builder().maxNewTokens(60).build()),
                    "max_new_tokens 60",
                    "48");
            assertMessage(
                    seq2seq,
                    Seq2SeqRequest.of(3)
                            .with(GenerationOptions.builder().numBeams(30).build()),
                    "30",
                    "slots");
            assertMessage(
                    seq2seq,
                    Seq2SeqRequest.of(3)
                            .with(GenerationOptions.builder()
                                    .numReturnSequences(2)
                                    .build()),
                    "num_return_sequences is 2");
            assertMessage(
                    seq2seq,
                    Seq2SeqRequest.of(3)
                            .with(GenerationOptions.builder().targetPrefix(41).build()),
                    "token 41");
            assertMessage(
                    seq2seq,
                    Seq2SeqRequest.of(3)
                            .with(GenerationOptions.builder()
                                    .none(Option.DECODER_START_TOKEN_ID)
                                    .build()),
                    "decoder_start_token_id");
        }
    }

    private static void assertMessage(Seq2Seq seq2seq, Seq2SeqRequest request, String... parts) {
        String message = assertThrows(IllegalArgumentException.class, () -> seq2seq.submit(request))
                .getMessage();
        assertEquals(1, message.lines().count(), message);
        for (String part : parts) {
            assertTrue(message.contains(part), message);
        }
    }

    @Test
    void overlongSourcesAreCutWhereThatIsChosen() {
        int[] overlong = TinyModel.source(60, 1);
        overlong[59] = TinyModel.END;
        int[] cut = Arrays.copyOf(overlong, TinyModel.POSITIONS);
        cut[TinyModel.POSITIONS - 1] = TinyModel.END;
        try (Seq2Seq seq2seq = new Seq2Seq(
                device(),
                TinyModel.transformer(),
                TinyModel.weights(),
                TinyModel.defaults(),
                SMALL,
                OverlongSource.TRUNCATE)) {
            List<List<Hypothesis>> both =
                    seq2seq.generate(List.of(Seq2SeqRequest.of(overlong), Seq2SeqRequest.of(cut)));
            assertArrayEquals(
                    both.get(0).getFirst().sequence(), both.get(1).getFirst().sequence());
        }
    }

    @Test
    void optionsMayComeFromTheModel() {
        try (Seq2Seq seq2seq = open(SMALL)) {
            assertEquals(21, seq2seq.settings(GenerationOptions.DEFAULTS).maxLength());
            assertSame(
                    EarlyStopping.HEURISTIC,
                    seq2seq.settings(GenerationOptions.DEFAULTS).earlyStopping());
            assertEquals(
                    24,
                    seq2seq.settings(GenerationOptions.builder()
                                    .targetPrefix(3, 4, 5)
                                    .build())
                            .maxLength());
        }
    }
}
