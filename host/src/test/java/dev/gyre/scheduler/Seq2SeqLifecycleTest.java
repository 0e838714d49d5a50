package dev.gyre.scheduler;

import static dev.gyre.scheduler.TinyRuns.SMALL;
import static dev.gyre.scheduler.TinyRuns.assertSameResults;
import static dev.gyre.scheduler.TinyRuns.device;
import static dev.gyre.scheduler.TinyRuns.mixture;
import static dev.gyre.scheduler.TinyRuns.open;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.gyre.backend.Device;
import dev.gyre.backend.DeviceException;
import dev.gyre.backend.DeviceOptions;
import dev.gyre.backend.OutOfMemoryException;
import dev.gyre.cpu.CpuBackend;
import dev.gyre.decoding.GenerationOptions;
import dev.gyre.decoding.Hypothesis;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Many threads, failure, cancellation, closing, memory. */
@Timeout(120)
class Seq2SeqLifecycleTest {

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
