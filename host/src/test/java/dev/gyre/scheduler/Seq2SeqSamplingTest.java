package dev.gyre.scheduler;

import static dev.gyre.scheduler.TinyRuns.SMALL;
import static dev.gyre.scheduler.TinyRuns.assertSameResults;
import static dev.gyre.scheduler.TinyRuns.open;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.gyre.decoding.GenerationOptions;
import dev.gyre.decoding.Hypothesis;
import dev.gyre.decoding.Option;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(120)
class Seq2SeqSamplingTest {

    @Test
    void samplingDependsOnSeedAndIndexOnly() {
        GenerationOptions sample =
                GenerationOptions.builder().doSample(true).topK(10).seed(42).build();
        int[] source = TinyModel.source(6, 1);
        try (Seq2Seq seq2seq = open(SMALL)) {
            Seq2SeqRequest first = new Seq2SeqRequest(source, sample, 0);
            Seq2SeqRequest second = new Seq2SeqRequest(source, sample, 1);
            List<List<Hypothesis>> once = seq2seq.generate(List.of(first, second));
            List<List<Hypothesis>> again = seq2seq.generate(List.of(second, first));
            assertArrayEquals(
                    once.get(0).getFirst().sequence(), again.get(1).getFirst().sequence());
            assertArrayEquals(
                    once.get(1).getFirst().sequence(), again.get(0).getFirst().sequence());
            boolean differ = false;
            for (int i = 0; i < 10; i++) {
                List<List<Hypothesis>> two = seq2seq.generate(
                        List.of(new Seq2SeqRequest(source, sample, i), new Seq2SeqRequest(source, sample, i + 100)));
                differ |= !Arrays.equals(
                        two.get(0).getFirst().sequence(), two.get(1).getFirst().sequence());
            }
            assertTrue(differ, "another index draws other numbers");
        }
    }

    @Test
    void wholeRowsAndCandidatesDrawTheSame() {
        int[] source = TinyModel.source(8, 4);
        GenerationOptions sample = GenerationOptions.builder()
                .doSample(true)
                .topK(20)
                .topP(0.9)
                .seed(5)
                .maxNewTokens(20)
                .build();
        try (Seq2Seq fromCandidates = open(SMALL.withCandidates(32));
                Seq2Seq fromRows = open(SMALL.withCandidates(16))) {
            for (int i = 0; i < 20; i++) {
                Seq2SeqRequest request = new Seq2SeqRequest(source, sample, i);
                assertSameResults(fromCandidates.generate(List.of(request)), fromRows.generate(List.of(request)));
            }
        }
    }

    @Test
    void aVeryLowTemperatureIsGreedy() {
        try (Seq2Seq seq2seq = open(SMALL)) {
            for (int i = 0; i < 10; i++) {
                Seq2SeqRequest greedy = Seq2SeqRequest.of(TinyModel.source(5, i));
                Seq2SeqRequest cold = greedy.with(GenerationOptions.builder()
                        .doSample(true)
                        .temperature(1e-4)
                        .topK(0)
                        .build());
                List<List<Hypothesis>> both = seq2seq.generate(List.of(greedy, cold));
                assertArrayEquals(
                        both.get(0).getFirst().sequence(),
                        both.get(1).getFirst().sequence());
            }
        }
    }

    @Test
    void drawnBeamsAreDistinctAndDependOnTheSeedOnly() {
        GenerationOptions sample = GenerationOptions.builder()
                .doSample(true)
                .numBeams(4)
                .numReturnSequences(4)
                .topP(0.95)
                .maxNewTokens(12)
                .seed(8)
                .build();
        int[] source = TinyModel.source(8, 4);
        try (Seq2Seq fromCandidates = open(SMALL.withCandidates(41));
                Seq2Seq fromRows = open(SMALL.withCandidates(8))) {
            List<String> different = new ArrayList<>();
            for (int i = 0; i < 10; i++) {
                Seq2SeqRequest request = new Seq2SeqRequest(source, sample, i);
                List<List<Hypothesis>> drawn = fromCandidates.generate(List.of(request));
                assertSameResults(drawn, fromRows.generate(List.of(request)));
                assertEquals(4, drawn.getFirst().size());
                assertEquals(
                        4,
                        drawn.getFirst().stream()
                                .map(h -> Arrays.toString(h.sequence()))
                                .distinct()
                                .count());
                different.add(Arrays.toString(drawn.getFirst().getFirst().sequence()));
            }
            assertTrue(different.stream().distinct().count() > 1, "another index draws other numbers");
        }
    }

    @Test
    void coldBeamsAreBeamSearch() {
        GenerationOptions beams = GenerationOptions.builder().numBeams(3).build();
        // Scores of a cold draw are over the temperature, so hypotheses of equal length must be compared.
        GenerationOptions fixed = beams.toBuilder()
                .maxNewTokens(8)
                .minNewTokens(8)
                .none(Option.FORCED_EOS_TOKEN_ID)
                .build();
        try (Seq2Seq seq2seq = open(SMALL)) {
            for (int i = 0; i < 10; i++) {
                Seq2SeqRequest request =
                        Seq2SeqRequest.of(TinyModel.source(5, i)).with(fixed);
                Seq2SeqRequest cold = request.with(
                        fixed.toBuilder().doSample(true).temperature(1e-5).build());
                List<List<Hypothesis>> both = seq2seq.generate(List.of(request, cold));
                assertArrayEquals(
                        both.get(0).getFirst().sequence(),
                        both.get(1).getFirst().sequence());
            }
        }
    }
}
