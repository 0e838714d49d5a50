package dev.gyre.scheduler;

import static dev.gyre.scheduler.TinyRuns.SMALL;
import static dev.gyre.scheduler.TinyRuns.device;
import static dev.gyre.scheduler.TinyRuns.open;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.gyre.backend.WeightSource;
import dev.gyre.decoding.GenerationOptions;
import dev.gyre.decoding.Hypothesis;
import dev.gyre.decoding.NoTokenException;
import dev.gyre.decoding.Option;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What fails a request fails it alone, and says why. */
@Timeout(120)
class Seq2SeqFailuresTest {

    /** All kinds of search. */
    static Stream<GenerationOptions> searches() {
        return Stream.of(
                        GenerationOptions.builder(),
                        GenerationOptions.builder().scores(false),
                        GenerationOptions.builder().doSample(true).topK(5),
                        GenerationOptions.builder().doSample(true).topK(0),
                        GenerationOptions.builder().numBeams(3).numReturnSequences(2),
                        GenerationOptions.builder().numBeams(3).set(Option.RENORMALIZE_LOGITS, true),
                        GenerationOptions.builder().numBeams(2).doSample(true).topK(0),
                        GenerationOptions.builder().numBeams(4).numBeamGroups(2).diversityPenalty(0.5))
                .map(b -> b.maxNewTokens(8).build());
    }

    @ParameterizedTest
    @MethodSource("searches")
    void aRuleThatAllowsNothingThereIs(GenerationOptions search) {
        try (Seq2Seq seq2seq = open(SMALL)) {
            Throwable failure = failure(
                    seq2seq, search.toBuilder().allowedTokenIds(9999, -1).build());
            assertInstanceOf(IllegalStateException.class, failure);
            assertEquals(
                    "no token may come behind [1]; a rule must leave at least one of the ids 0 to 40, not 9999, ...",
                    failure.getMessage());
            // Those that there are still count.
            GenerationOptions some =
                    search.toBuilder().allowedTokenIds(9999, 5, -1, 7).build();
            for (Hypothesis h : seq2seq.submit(request(some)).join()) {
                assertTrue(IntStream.of(h.generated()).allMatch(t -> t == 5 || t == 7), Arrays.toString(h.sequence()));
            }
        }
    }

    @ParameterizedTest
    @MethodSource("searches")
    void nothingIsLeft(GenerationOptions search) {
        try (Seq2Seq seq2seq = open(CapacityPlan.DEFAULTS)) {
            List<Integer> all = IntStream.range(0, TinyModel.VOCABULARY).boxed().toList();
            Throwable failure =
                    failure(seq2seq, search.toBuilder().suppressTokens(all).build());
            assertInstanceOf(NoTokenException.class, failure);
            assertTrue(failure.getMessage().contains("suppress_tokens"), failure.getMessage());
            assertWorks(seq2seq);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"cpu", "reference", "opencl"})
    void logitsThatAreNoNumbers(String backend) {
        WeightSource weights = (weight, firstRow, rows, destination, offset) -> {
            TinyModel.weights().read(weight, firstRow, rows, destination, offset);
            if (weight.name().equals("output.bias")) {
                Arrays.fill(destination, offset, offset + rows, Float.NaN);
            }
        };
        try (Seq2Seq seq2seq = new Seq2Seq(
                device(backend),
                TinyModel.transformer(),
                weights,
                TinyModel.defaults(),
                SMALL,
                OverlongSource.REJECT)) {
            searches().forEach(search -> {
                Throwable failure = failure(seq2seq, search);
                assertInstanceOf(NoTokenException.class, failure, search.toString());
                assertTrue(failure.getMessage().contains("NaN"), failure.getMessage());
            });
        }
    }

    @Test
    void anErrorOfTheCallersCode() {
        try (Seq2Seq seq2seq = open(SMALL)) {
            StackOverflowError error = new StackOverflowError("deep");
            GenerationOptions rule = GenerationOptions.builder()
                    .nextTokens(_ -> {
                        throw error;
                    })
                    .build();
            GenerationOptions stop = GenerationOptions.builder()
                    .stopWhen((_, _) -> {
                        throw error;
                    })
                    .build();
            TokenListener listener = _ -> {
                throw error;
            };
            // More of them than there are slots: each gives back what it had.
            for (int i = 0; i < 100; i++) {
                assertSame(error, failure(seq2seq, rule));
                assertSame(error, failure(seq2seq, stop));
                assertSame(
                        error,
                        failure(seq2seq.submit(
                                new Seq2SeqRequest(new int[] {3, 4}, GenerationOptions.DEFAULTS, 0, listener))));
            }
            assertWorks(seq2seq);
        }
    }

    @Test
    void aListenerToRunsThatFailsHearsOfNoMore() {
        AtomicInteger heard = new AtomicInteger();
        AtomicInteger told = new AtomicInteger();
        try (Seq2Seq seq2seq = open(SMALL)) {
            seq2seq.listen(new StepListener() {
                @Override
                public void decoded(Step step) {
                    told.incrementAndGet();
                    throw new StackOverflowError("deep");
                }
            });
            seq2seq.listen(new StepListener() {
                @Override
                public void decoded(Step step) {
                    heard.incrementAndGet();
                }
            });
            assertWorks(seq2seq);
        }
        assertEquals(1, told.get());
        assertTrue(heard.get() > 1, heard.toString());
    }

    @Test
    void whatFollowsAFailureMayWaitForTheDevice() throws Exception {
        CountDownLatch followed = new CountDownLatch(1);
        try (Seq2Seq seq2seq = open(SMALL)) {
            CompletableFuture<List<Hypothesis>> failing = seq2seq.submit(request(GenerationOptions.builder()
                    .nextTokens(_ -> {
                        await(followed);
                        throw new IllegalArgumentException("not now");
                    })
                    .build()));
            CompletableFuture<List<Hypothesis>> again = failing.handle((_, _) ->
                    seq2seq.submit(request(GenerationOptions.DEFAULTS)).join());
            followed.countDown();
            assertEquals(1, again.get(60, TimeUnit.SECONDS).size());
        }
    }

    @Test
    void whatFollowsAFailureOfTheDeviceMayWaitForAnother() throws Exception {
        CountDownLatch followed = new CountDownLatch(1);
        try (Seq2Seq seq2seq = open(new FailingDevice(device(), 1), SMALL)) {
            seq2seq.listen(new StepListener() {
                @Override
                public void decoded(Step step) {
                    await(followed);
                }
            });
            GenerationOptions some = GenerationOptions.builder().minNewTokens(5).build();
            CompletableFuture<List<Hypothesis>> first = seq2seq.submit(request(some));
            CompletableFuture<List<Hypothesis>> second = seq2seq.submit(request(some));
            CompletableFuture<Boolean> firstSees =
                    first.handle((_, _) -> second.handle((_, e) -> e != null).join());
            CompletableFuture<Boolean> secondSees =
                    second.handle((_, _) -> first.handle((_, e) -> e != null).join());
            followed.countDown();
            assertTrue(firstSees.get(60, TimeUnit.SECONDS));
            assertTrue(secondSees.get(60, TimeUnit.SECONDS));
        }
    }

    @Test
    void aListenerHearsOfTokensThatAreAllForced() {
        List<Integer> told = new ArrayList<>();
        GenerationOptions forced = GenerationOptions.builder()
                .forcedBosTokenId(5)
                .forcedEosTokenId(TinyModel.END)
                .maxNewTokens(2)
                .build();
        try (Seq2Seq seq2seq = open(SMALL)) {
            seq2seq.submit(new Seq2SeqRequest(new int[] {3, 4}, forced, 0, told::add))
                    .join();
        }
        assertEquals(List.of(5, TinyModel.END), told);
    }

    /** What a rule allows comes though it is banned, as PrefixConstrainedLogitsProcessor has it; suppression does not yield. */
    @ParameterizedTest
    @MethodSource("searches")
    void aRuleIsStrongerThanAMinimumLength(GenerationOptions search) {
        GenerationOptions end = search.toBuilder()
                .allowedTokenIds(TinyModel.END)
                .minNewTokens(4)
                .numReturnSequences(1)
                .build();
        try (Seq2Seq seq2seq = open(SMALL)) {
            Hypothesis best = seq2seq.submit(request(end)).join().getFirst();
            assertEquals("[1, 2]", Arrays.toString(best.sequence()));
            Throwable failure = failure(
                    seq2seq,
                    end.toBuilder().suppressTokens(List.of(TinyModel.END)).build());
            assertInstanceOf(NoTokenException.class, failure);
        }
    }

    private static Seq2SeqRequest request(GenerationOptions options) {
        return Seq2SeqRequest.of(TinyModel.source(7, 3)).with(options);
    }

    private static Throwable failure(Seq2Seq seq2seq, GenerationOptions options) {
        return failure(seq2seq.submit(request(options)));
    }

    private static Throwable failure(CompletableFuture<List<Hypothesis>> future) {
        return assertThrows(CompletionException.class, future::join).getCause();
    }

    private static void assertWorks(Seq2Seq seq2seq) {
        GenerationOptions some = GenerationOptions.builder().minNewTokens(3).build();
        assertEquals(1, seq2seq.submit(request(some)).join().size());
    }

    private static void await(CountDownLatch latch) {
        try {
            assertTrue(latch.await(60, TimeUnit.SECONDS));
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
