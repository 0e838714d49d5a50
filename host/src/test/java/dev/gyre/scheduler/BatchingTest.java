package dev.gyre.scheduler;

import static dev.gyre.scheduler.TinyRuns.SMALL;
import static dev.gyre.scheduler.TinyRuns.assertSameResults;
import static dev.gyre.scheduler.TinyRuns.device;
import static dev.gyre.scheduler.TinyRuns.mixture;
import static dev.gyre.scheduler.TinyRuns.open;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.gyre.decoding.GenerationOptions;
import dev.gyre.decoding.Hypothesis;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is in a run, and what it moves. */
@Timeout(120)
class BatchingTest {

    /** What alignment may add to an upload, in bytes: less than a row of the model. */
    private static final int GAPS = 256;

    /** Three numbers for each launch of a graph, however many rows and columns there are. */
    private static final int SIZES = 3 * 4 * 40;

    @ParameterizedTest
    @ValueSource(strings = {"cpu", "opencl"})
    void resultsDoNotDependOnTheBatch(String backend) {
        List<Seq2SeqRequest> requests = mixture(48);
        List<List<Hypothesis>> alone = new ArrayList<>();
        try (Seq2Seq seq2seq = open(device(backend), SMALL)) {
            for (Seq2SeqRequest r : requests) {
                alone.addAll(seq2seq.generate(List.of(r)));
            }
        }
        assertTrue(alone.stream().flatMap(List::stream).anyMatch(Hypothesis::ended), "some end by themselves");
        for (int batchTokens : new int[] {20, 64, 1024}) {
            try (Seq2Seq seq2seq = open(device(backend), CapacityPlan.DEFAULTS.withBatchTokens(batchTokens))) {
                assertSameResults(alone, seq2seq.generate(requests));
                List<Integer> order = new ArrayList<>();
                for (int i = 0; i < requests.size(); i++) {
                    order.add(i);
                }
                Collections.shuffle(order, new Random(batchTokens));
                assertSameResults(
                        order.stream().map(alone::get).toList(),
                        seq2seq.generate(order.stream().map(requests::get).toList()));
            }
        }
    }

    /** In runs where nobody wants a score a device may do with fewer logits; in others it may not. */
    @ParameterizedTest
    @ValueSource(strings = {"cpu", "opencl"})
    void withoutScoresTheTokensAreTheSame(String backend) {
        List<GenerationOptions> options = List.of(
                GenerationOptions.builder().maxNewTokens(30).minNewTokens(9).build(),
                GenerationOptions.builder()
                        .noRepeatNgramSize(2)
                        .repetitionPenalty(1.4)
                        .build(),
                GenerationOptions.builder()
                        .badWordsIds(List.of(List.of(7), List.of(8, 9)))
                        .targetPrefix(5, 6)
                        .build());
        List<Seq2SeqRequest> scored = new ArrayList<>();
        for (int i = 0; i < 12; i++) {
            scored.add(Seq2SeqRequest.of(TinyModel.source(3 + i, i)).with(options.get(i % options.size())));
        }
        List<Seq2SeqRequest> unscored = scored.stream()
                .map(r -> r.with(r.options().toBuilder().scores(false).build()))
                .toList();
        List<Seq2SeqRequest> mixed = new ArrayList<>(unscored);
        for (int i = 0; i < mixed.size(); i += 4) {
            mixed.set(i, scored.get(i));
        }
        Map<String, String> tuning = backend.equals("opencl") ? Map.of("opencl.rough", "on") : Map.of();
        try (Seq2Seq seq2seq = open(device(backend, tuning), SMALL)) {
            List<List<Hypothesis>> expected = seq2seq.generate(scored);
            requireSameTokens(expected, seq2seq.generate(unscored), unscored);
            requireSameTokens(expected, seq2seq.generate(mixed), mixed);
        }
    }

    private static void requireSameTokens(
            List<List<Hypothesis>> expected, List<List<Hypothesis>> actual, List<Seq2SeqRequest> requests) {
        for (int i = 0; i < requests.size(); i++) {
            Hypothesis e = expected.get(i).getFirst();
            Hypothesis a = actual.get(i).getFirst();
            assertArrayEquals(e.sequence(), a.sequence(), "request " + i);
            boolean scores = requests.get(i).options().scores();
            assertEquals(scores ? e.score() : Float.NaN, a.score(), 1e-4, "request " + i);
            assertEquals(e.tokenScores().length, a.tokenScores().length, "request " + i);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"cpu", "opencl"})
    void aStepMovesBytesByRows(String backend) {
        // Wide rows and a large vocabulary, so that anything of their size would be seen.
        int width = 256;
        int vocabulary = 3000;
        List<StepListener.Step> steps = Collections.synchronizedList(new ArrayList<>());
        List<StepListener.Step> encoded = Collections.synchronizedList(new ArrayList<>());
        try (Seq2Seq seq2seq = new Seq2Seq(
                device(backend),
                TinyModel.transformer(width, vocabulary),
                TinyModel.weights(),
                TinyModel.defaults(),
                SMALL,
                OverlongSource.REJECT)) {
            seq2seq.listen(new StepListener() {
                @Override
                public void encoded(Step step) {
                    encoded.add(step);
                }

                @Override
                public void decoded(Step step) {
                    steps.add(step);
                }
            });
            GenerationOptions beams = GenerationOptions.builder()
                    .numBeams(4)
                    .maxNewTokens(20)
                    .minNewTokens(10)
                    .build();
            List<Seq2SeqRequest> requests = new ArrayList<>();
            for (int i = 0; i < 12; i++) {
                requests.add(Seq2SeqRequest.of(TinyModel.source(5 + i, i))
                        .with(i % 3 == 0 ? GenerationOptions.DEFAULTS : beams));
            }
            seq2seq.generate(requests);
        }
        assertFalse(steps.isEmpty());
        for (StepListener.Step s : steps) {
            long perRow = s.traffic().bytesDown() / s.picks();
            assertTrue(perRow <= 4L * (2 * s.top() + 1), s.toString());
            // Seven numbers a row, nine a hypothesis and a pick, three an edit, the first offset, gaps in a packed
            // upload, and the sizes of launches.
            long up = 4L * (7 * s.tokens() + 9 * s.picks() + 3 * s.edits() + 1) + GAPS + SIZES;
            assertTrue(s.traffic().bytesUp() <= up, s + " up to " + up);
            assertTrue(s.traffic().bytesUp() > 0 && s.traffic().bytesDown() > 0, "something is counted");
        }
        for (StepListener.Step s : encoded) {
            assertTrue(s.traffic().bytesUp() <= 4L * (3 * s.tokens() + s.sentences() + 1) + GAPS + SIZES, s.toString());
            assertEquals(0, s.traffic().bytesDown());
        }
    }

    @Test
    void finishedSentencesMakeRoomAtOnce() {
        List<StepListener.Step> steps = Collections.synchronizedList(new ArrayList<>());
        try (Seq2Seq seq2seq = open(new CapacityPlan(64, 4, 0, 16))) {
            assertEquals(4, seq2seq.capacity().slots());
            CountDownLatch submitted = new CountDownLatch(1);
            seq2seq.listen(new StepListener() {
                @Override
                public void encoded(Step step) {
                    // Nothing is decoded before everything waits: slots are empty for no other reason than the one
                    // here.
                    try {
                        submitted.await();
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                    }
                }

                @Override
                public void decoded(Step step) {
                    steps.add(step);
                }
            });
            List<Seq2SeqRequest> requests = new ArrayList<>();
            int tokens = 0;
            for (int i = 0; i < 20; i++) {
                int n = 1 + i % 5 * 4;
                tokens += n;
                requests.add(Seq2SeqRequest.of(TinyModel.source(6, i))
                        .with(GenerationOptions.builder()
                                .maxNewTokens(n)
                                .minNewTokens(n)
                                .build()));
            }
            List<CompletableFuture<List<Hypothesis>>> futures =
                    requests.stream().map(seq2seq::submit).toList();
            submitted.countDown();
            futures.forEach(CompletableFuture::join);
            assertEquals(
                    tokens, steps.stream().mapToInt(StepListener.Step::tokens).sum(), "no row runs for nothing");
            // All but the last sentences run with full slots.
            assertTrue(steps.size() <= (tokens + 3) / 4 + 17, steps.size() + " steps for " + tokens + " tokens");
            assertTrue(steps.stream().filter(s -> s.tokens() == 4).count() >= tokens / 4 - 17);
        }
    }
}
