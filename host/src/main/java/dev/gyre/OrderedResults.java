package dev.gyre;

import java.util.ArrayDeque;
import java.util.Spliterator;
import java.util.Spliterators;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Consumer;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/** Results of asynchronous work in the order of its input, with a bounded number under way. */
final class OrderedResults<S, R> extends Spliterators.AbstractSpliterator<R> {

    /** Enough sentences to sort by length and to keep a large device busy. */
    static final int UNDER_WAY = 4096;

    /** Starts the work for an element. */
    interface Start<S, R> {
        CompletableFuture<R> start(S element, long index);
    }

    private final Spliterator<S> source;
    private final Start<S, R> start;
    private final ArrayDeque<CompletableFuture<R>> underWay = new ArrayDeque<>();
    private long started;
    private boolean ended;

    private OrderedResults(Spliterator<S> source, Start<S, R> start) {
        super(source.estimateSize(), Spliterator.ORDERED | Spliterator.NONNULL);
        this.source = source;
        this.start = start;
    }

    static <S, R> Stream<R> of(Stream<S> elements, Start<S, R> start) {
        OrderedResults<S, R> results = new OrderedResults<>(elements.spliterator(), start);
        return StreamSupport.stream(results, false).onClose(() -> {
            results.cancel();
            elements.close();
        });
    }

    @Override
    public boolean tryAdvance(Consumer<? super R> action) {
        while (!ended && underWay.size() < UNDER_WAY) {
            try {
                ended = !source.tryAdvance(e -> underWay.add(start.start(e, started++)));
            } catch (RuntimeException e) {
                // Results before the element that fails come first.
                underWay.add(CompletableFuture.failedFuture(e));
                ended = true;
            }
        }
        CompletableFuture<R> next = underWay.poll();
        if (next == null) {
            return false;
        }
        R result;
        try {
            result = next.join();
        } catch (CompletionException e) {
            cancel();
            if (e.getCause() instanceof RuntimeException cause) {
                throw cause;
            }
            throw e;
        }
        action.accept(result);
        return true;
    }

    private void cancel() {
        ended = true;
        underWay.forEach(f -> f.cancel(false));
        underWay.clear();
    }
}
