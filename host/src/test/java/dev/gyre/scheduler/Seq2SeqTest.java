package dev.gyre.scheduler;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.gyre.backend.Device;
import dev.gyre.backend.DeviceException;
import dev.gyre.backend.DeviceOptions;
import dev.gyre.backend.OutOfMemoryException;
import dev.gyre.cpu.CpuBackend;
import dev.gyre.decoding.EarlyStopping;
import dev.gyre.decoding.GenerationOptions;
import dev.gyre.decoding.Hypothesis;
import dev.gyre.decoding.Option;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(120)
class Seq2SeqTest {

    private static final CapacityPlan SMALL = CapacityPlan.DEFAULTS.withBatchTokens(64);

    private static Device device() {
        return new CpuBackend().open(0, DeviceOptions.DEFAULTS.withThreads(1));
    }

    private static Seq2Seq open(CapacityPlan plan) {
        return open(device(), plan);
    }

    private static Seq2Seq open(Device device, CapacityPlan plan) {
        return new Seq2Seq(
                device,
                TinyModel.transformer(),
                TinyModel.weights(),
                TinyModel.defaults(),
                plan,
                OverlongSource.REJECT);
    }

    /** Requests of all kinds, so that a batch mixes everything. */
    private static List<Seq2SeqRequest> mixture(int count) {
        List<GenerationOptions> options = List.of(
                GenerationOptions.DEFAULTS,
                GenerationOptions.builder()
                        .numBeams(4)
                        .maxNewTokens(24)
                        .numReturnSequences(3)
                        .build(),
                GenerationOptions.builder()
                        .numBeams(3)
                        .noRepeatNgramSize(2)
                        .repetitionPenalty(1.3)
                        .earlyStopping(EarlyStopping.NEVER)
                        .build(),
                GenerationOptions.builder()
                        .maxNewTokens(30)
                        .minNewTokens(25)
                        .targetPrefix(5, 6, 7)
                        .build(),
                GenerationOptions.builder().numBeams(2).targetPrefix(9).build(),
                GenerationOptions.builder()
                        .doSample(true)
                        .topK(5)
                        .seed(3)
                        .numReturnSequences(2)
                        .build(),
                GenerationOptions.builder()
                        .doSample(true)
                        .topK(0)
                        .topP(0.8)
                        .temperature(0.7)
                        .build(),
                GenerationOptions.builder()
                        .numBeams(5)
                        .forcedBosTokenId(11)
                        .maxNewTokens(12)
                        .build());
        List<Seq2SeqRequest> requests = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            int[] source = TinyModel.source(1 + i * 7 % 19, i);
            requests.add(new Seq2SeqRequest(source, options.get(i % options.size()), i));
        }
        return requests;
    }

    private static void assertSameResults(List<List<Hypothesis>> expected, List<List<Hypothesis>> actual) {
        assertEquals(expected.size(), actual.size());
        for (int i = 0; i < expected.size(); i++) {
            assertEquals(expected.get(i).size(), actual.get(i).size(), "hypotheses of request " + i);
            for (int h = 0; h < expected.get(i).size(); h++) {
                Hypothesis e = expected.get(i).get(h);
                Hypothesis a = actual.get(i).get(h);
                assertArrayEquals(e.sequence(), a.sequence(), "request " + i + ", hypothesis " + h);
                assertEquals(e.score(), a.score(), 1e-4, "request " + i + ", hypothesis " + h);
            }
        }
    }

    @Test
    void resultsDoNotDependOnTheBatch() {
        List<Seq2SeqRequest> requests = mixture(48);
        List<List<Hypothesis>> alone = new ArrayList<>();
        try (Seq2Seq seq2seq = open(SMALL)) {
            for (Seq2SeqRequest r : requests) {
                alone.addAll(seq2seq.generate(List.of(r)));
            }
        }
        assertTrue(alone.stream().flatMap(List::stream).anyMatch(Hypothesis::ended), "some end by themselves");
        for (int batchTokens : new int[] {20, 64, 1024}) {
            try (Seq2Seq seq2seq = open(CapacityPlan.DEFAULTS.withBatchTokens(batchTokens))) {
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

    @Test
    void manyThreadsShareADevice() throws Exception {
        List<Seq2SeqRequest> requests = mixture(32);
        try (Seq2Seq seq2seq = open(SMALL);
                ExecutorService threads = Executors.newFixedThreadPool(8)) {
            List<List<Hypothesis>> expected = seq2seq.generate(requests);
            List<Future<List<List<Hypothesis>>>> results = new ArrayList<>();
            for (int i = 0; i < 8; i++) {
                results.add(threads.submit(() -> seq2seq.generate(requests)));
            }
            for (Future<List<List<Hypothesis>>> result : results) {
                assertSameResults(expected, result.get());
            }
        }
    }

    @Test
    void aStepMovesBytesByRows() {
        // Wide rows and a large vocabulary, so that anything of their size would be seen.
        int width = 256;
        int vocabulary = 3000;
        List<StepListener.Step> steps = Collections.synchronizedList(new ArrayList<>());
        List<StepListener.Step> encoded = Collections.synchronizedList(new ArrayList<>());
        try (Seq2Seq seq2seq = new Seq2Seq(
                device(),
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
            // Seven numbers a row, nine a hypothesis and a pick, three an edit, and the first offset.
            long up = 4L * (7 * s.tokens() + 9 * s.picks() + 3 * s.edits() + 1);
            assertTrue(s.traffic().bytesUp() <= up, s + " up to " + up);
            assertTrue(s.traffic().bytesUp() > 0 && s.traffic().bytesDown() > 0, "something is counted");
        }
        for (StepListener.Step s : encoded) {
            assertTrue(s.traffic().bytesUp() <= 4L * (3 * s.tokens() + s.sentences() + 1), s.toString());
            assertEquals(0, s.traffic().bytesDown());
        }
    }

    @Test
    void finishedSentencesMakeRoomAtOnce() {
        List<StepListener.Step> steps = Collections.synchronizedList(new ArrayList<>());
        try (Seq2Seq seq2seq = open(new CapacityPlan(64, 4, 0, 16))) {
            assertEquals(4, seq2seq.capacity().slots());
            seq2seq.listen(new StepListener() {
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
            seq2seq.generate(requests);
            assertEquals(
                    tokens, steps.stream().mapToInt(StepListener.Step::tokens).sum(), "no row runs for nothing");
            // All but the last sentences run with full slots.
            assertTrue(steps.size() <= (tokens + 3) / 4 + 17, steps.size() + " steps for " + tokens + " tokens");
            assertTrue(steps.stream().filter(s -> s.tokens() == 4).count() >= tokens / 4 - 17);
        }
    }

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
    void aFailureOfTheDeviceReachesEveryone() throws Exception {
        FailingDevice failing = new FailingDevice(device(), 3);
        CountDownLatch submitted = new CountDownLatch(1);
        try (Seq2Seq seq2seq = open(failing, SMALL)) {
            seq2seq.listen(new StepListener() {
                @Override
                public void decoded(Step step) {
                    await(submitted);
                }
            });
            List<CompletableFuture<List<Hypothesis>>> futures = new ArrayList<>();
            GenerationOptions long20 = GenerationOptions.builder()
                    .minNewTokens(20)
                    .maxNewTokens(20)
                    .build();
            for (int i = 0; i < 40; i++) {
                futures.add(
                        seq2seq.submit(Seq2SeqRequest.of(TinyModel.source(9, i)).with(long20)));
            }
            submitted.countDown();
            for (CompletableFuture<List<Hypothesis>> f : futures) {
                CompletionException e = assertThrows(CompletionException.class, f::join);
                assertEquals("the cable was pulled", e.getCause().getMessage());
            }
            DeviceException later = assertThrows(DeviceException.class, () -> seq2seq.submit(Seq2SeqRequest.of(3, 4)));
            assertTrue(later.getMessage().contains("the cable was pulled"), later.getMessage());
            assertEquals("the cable was pulled", later.getCause().getMessage());
        }
        assertTrue(failing.closed());
    }

    @Test
    void aCancelledSentenceLeavesTheDevice() throws Exception {
        CountDownLatch running = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        List<Integer> rows = Collections.synchronizedList(new ArrayList<>());
        try (Seq2Seq seq2seq = open(SMALL)) {
            seq2seq.listen(new StepListener() {
                @Override
                public void decoded(Step step) {
                    rows.add(step.tokens());
                    running.countDown();
                    await(goOn);
                }
            });
            GenerationOptions whole = GenerationOptions.builder()
                    .minNewTokens(40)
                    .maxNewTokens(40)
                    .build();
            CompletableFuture<List<Hypothesis>> cancelled =
                    seq2seq.submit(Seq2SeqRequest.of(TinyModel.source(9, 1)).with(whole));
            await(running);
            cancelled.cancel(false);
            goOn.countDown();
            // The next one has the device to itself.
            seq2seq.submit(Seq2SeqRequest.of(TinyModel.source(9, 2))
                            .with(whole.toBuilder()
                                    .maxNewTokens(5)
                                    .minNewTokens(5)
                                    .build()))
                    .join();
            assertEquals(List.of(1, 1, 1, 1, 1, 1), rows);
            assertTrue(cancelled.isCancelled());
        }
    }

    @Test
    void closingCancels() throws Exception {
        CountDownLatch running = new CountDownLatch(1);
        Seq2Seq seq2seq = open(SMALL);
        seq2seq.listen(new StepListener() {
            @Override
            public void decoded(Step step) {
                running.countDown();
            }
        });
        List<CompletableFuture<List<Hypothesis>>> futures = new ArrayList<>();
        for (int i = 0; i < 4000; i++) {
            futures.add(seq2seq.submit(Seq2SeqRequest.of(TinyModel.source(9, i))
                    .with(GenerationOptions.builder()
                            .minNewTokens(40)
                            .maxNewTokens(40)
                            .build())));
        }
        await(running);
        seq2seq.close();
        seq2seq.close();
        assertTrue(futures.stream().allMatch(f -> f.isDone() || completes(f)));
        assertTrue(futures.getLast().isCancelled());
        assertThrows(IllegalStateException.class, () -> seq2seq.submit(Seq2SeqRequest.of(3)));
    }

    @Test
    void aMemoryLimitMakesBatchesSmaller() {
        long needed;
        int slots;
        try (Seq2Seq seq2seq = open(CapacityPlan.DEFAULTS)) {
            needed = seq2seq.memory().total();
            slots = seq2seq.capacity().slots();
        }
        Device limited = new CpuBackend().open(0, DeviceOptions.DEFAULTS.withMemoryLimit(needed * 3 / 4));
        try (Seq2Seq seq2seq = open(limited, CapacityPlan.DEFAULTS)) {
            assertTrue(seq2seq.capacity().slots() < slots);
            assertTrue(seq2seq.memory().total() <= needed * 3 / 4);
            assertEquals(1, seq2seq.generate(List.of(Seq2SeqRequest.of(3, 4))).size());
        }
        Device tooSmall = new CpuBackend().open(0, DeviceOptions.DEFAULTS.withMemoryLimit(1000));
        String message = assertThrows(OutOfMemoryException.class, () -> open(tooSmall, CapacityPlan.DEFAULTS))
                .getMessage();
        assertTrue(message.contains("--memory-limit"), message);
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

    private static boolean completes(CompletableFuture<?> future) {
        return future.handle((r, e) -> true).orTimeout(10, TimeUnit.SECONDS).join();
    }

    private static void await(CountDownLatch latch) {
        try {
            assertTrue(latch.await(60, TimeUnit.SECONDS));
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
