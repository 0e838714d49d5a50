package dev.gyre;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.gyre.decoding.Hypothesis;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

@Timeout(60)
class TextResultsTest {

    private static final List<Hypothesis> ONE = List.of(new Hypothesis(new int[] {1}, 1, 0, false, new float[0]));

    private final CompletableFuture<List<Hypothesis>> hypotheses = new CompletableFuture<>();
    private final TextResults results = new TextResults();

    static Stream<Consumer<CompletableFuture<String>>> ends() {
        return Stream.of(
                f -> f.cancel(true),
                f -> f.complete("enough"),
                f -> f.completeExceptionally(new TimeoutException()),
                f -> f.completeOnTimeout("late", 1, TimeUnit.MILLISECONDS).join(),
                f -> assertThrows(
                        CompletionException.class,
                        () -> f.orTimeout(1, TimeUnit.MILLISECONDS).join()));
    }

    @ParameterizedTest
    @MethodSource("ends")
    void whoeverEndsAResultCancelsItsHypotheses(Consumer<CompletableFuture<String>> end) {
        CompletableFuture<String> result = results.of(hypotheses, _ -> "text");
        end.accept(result);
        assertThrows(CancellationException.class, hypotheses::join);
    }

    @Test
    void resultsAndFailuresArePassedOn() {
        CompletableFuture<String> result = results.of(hypotheses, all -> "text of " + all.size());
        hypotheses.complete(ONE);
        assertEquals("text of 1", result.join());
        assertFalse(hypotheses.isCancelled());
        IllegalStateException cause = new IllegalStateException("so");
        assertSame(cause, failure(results.of(CompletableFuture.failedFuture(cause), _ -> "text")));
        assertSame(cause, failure(results.of(CompletableFuture.completedFuture(ONE), _ -> {
            throw cause;
        })));
        CompletableFuture<List<Hypothesis>> cancelled = new CompletableFuture<>();
        cancelled.cancel(false);
        assertTrue(results.of(cancelled, _ -> "text").isCancelled());
    }

    @Test
    void closingWaitsForTextThatIsBeingMade() throws InterruptedException {
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        AtomicBoolean closed = new AtomicBoolean();
        CompletableFuture<String> result = results.of(hypotheses, _ -> {
            begun.countDown();
            await(goOn);
            return closed.get() ? "too late" : "in time";
        });
        Thread maker = Thread.ofPlatform().start(() -> hypotheses.complete(ONE));
        await(begun);
        Thread closer = Thread.ofPlatform().start(() -> {
            results.close();
            closed.set(true);
        });
        while (closer.getState() == Thread.State.NEW || closer.getState() == Thread.State.RUNNABLE) {
            Thread.onSpinWait();
        }
        goOn.countDown();
        assertEquals("in time", result.join());
        closer.join();
        maker.join();
    }

    @Test
    void textThatIsNotBegunWhenClosedIsCancelled() {
        CompletableFuture<String> result = results.of(hypotheses, _ -> {
            throw new IllegalStateException("the tokenizer is closed");
        });
        results.close();
        hypotheses.complete(ONE);
        assertTrue(result.isCancelled());
    }

    @Test
    void whatFollowsAResultMayClose() {
        CompletableFuture<Boolean> closed = results.of(hypotheses, _ -> "text").thenApply(_ -> {
            results.close();
            return true;
        });
        hypotheses.complete(ONE);
        assertTrue(closed.join());
    }

    private static Throwable failure(CompletableFuture<String> result) {
        return assertThrows(CompletionException.class, result::join).getCause();
    }

    private static void await(CountDownLatch latch) {
        try {
            assertTrue(latch.await(60, TimeUnit.SECONDS));
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
