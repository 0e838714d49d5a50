package dev.gyre;

import dev.gyre.decoding.Hypothesis;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Makes text of hypotheses, on whatever thread completes them, for as long as there is a tokenizer. */
final class TextResults implements AutoCloseable {

    private final ReadWriteLock tokenizer = new ReentrantReadWriteLock();
    private boolean closed;

    /**
     * What hypotheses become. However the result is completed, be it by the caller or by a timeout, the hypotheses are
     * cancelled if they are not there yet.
     */
    <T> CompletableFuture<T> of(CompletableFuture<List<Hypothesis>> hypotheses, Function<List<Hypothesis>, T> text) {
        CompletableFuture<T> result = new CompletableFuture<>();
        result.whenComplete((_, _) -> hypotheses.cancel(false));
        hypotheses.whenComplete((found, failure) -> complete(result, found, failure, text));
        return result;
    }

    /** Waits for the text that is being made. What is not begun is cancelled: what it needs is about to be closed. */
    @Override
    public void close() {
        tokenizer.writeLock().lock();
        closed = true;
        tokenizer.writeLock().unlock();
    }

    private <T> void complete(
            CompletableFuture<T> result,
            @Nullable List<Hypothesis> found,
            @Nullable Throwable failure,
            Function<List<Hypothesis>, T> text) {
        if (found == null) {
            fail(result, failure);
            return;
        }
        T made;
        // Callers' code, which completing runs, is not to hold up whoever closes.
        tokenizer.readLock().lock();
        try {
            made = closed ? null : text.apply(found);
        } catch (Throwable e) {
            result.completeExceptionally(e);
            return;
        } finally {
            tokenizer.readLock().unlock();
        }
        if (made == null) {
            result.cancel(false);
        } else {
            result.complete(made);
        }
    }

    private static void fail(CompletableFuture<?> result, @Nullable Throwable failure) {
        if (failure instanceof CancellationException) {
            result.cancel(false);
        } else {
            result.completeExceptionally(failure);
        }
    }
}
