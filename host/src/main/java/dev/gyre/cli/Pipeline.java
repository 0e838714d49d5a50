package dev.gyre.cli;

import dev.gyre.decoding.NoTokenException;
import java.io.IOException;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Lines in, results out, in their order, each as soon as it and those before it are there, with a bounded amount of text
 * under way. One thread reads, so that a result is written while the next line is still being typed.
 *
 * @param <R> what a line becomes
 */
final class Pipeline<R> {

    /** Characters under way at most: enough sentences to sort by length, little memory. */
    private static final int WINDOW = 1 << 20;

    /** What a line counts beside its characters, so that empty ones are bounded too. */
    private static final int LINE = 64;

    private final LineReader in;
    private final Function<Line, CompletableFuture<R>> submit;
    private final Semaphore window = new Semaphore(WINDOW);
    private final BlockingQueue<Item<R>> items = new LinkedBlockingQueue<>();

    /** Takes a result. */
    interface Output<R> {
        void write(Line line, R result) throws IOException;
    }

    /** A line under way; without one the end of the input, or what ended it. */
    private record Item<R>(@Nullable Line line, CompletableFuture<R> result) {}

    Pipeline(LineReader in, Function<Line, CompletableFuture<R>> submit) {
        this.in = in;
        this.submit = submit;
    }

    /**
     * Runs to the end of the input. Results before a line that fails are written before the failure is thrown.
     *
     * @throws UserException that names the line, if the input or a line cannot be taken
     */
    void run(Output<R> out) throws IOException, InterruptedException {
        Thread reader = Thread.ofPlatform().daemon().name("gyre-input").start(this::read);
        try {
            while (true) {
                Item<R> item = items.take();
                R result = result(item);
                if (item.line == null) {
                    return;
                }
                out.write(item.line, result);
                window.release(weight(item.line));
            }
        } finally {
            reader.interrupt();
            items.forEach(i -> i.result.cancel(false));
        }
    }

    private R result(Item<R> item) throws InterruptedException {
        try {
            return item.result.get();
        } catch (ExecutionException e) {
            if (item.line != null && e.getCause() instanceof NoTokenException cause) {
                throw mistake(item.line, cause);
            }
            throw failure(e);
        }
    }

    private static RuntimeException failure(ExecutionException e) {
        return switch (e.getCause()) {
            case RuntimeException cause -> cause;
            case Error cause -> throw cause;
            case null, default -> new IllegalStateException(e);
        };
    }

    private void read() {
        try {
            Line line = in.next();
            while (line != null) {
                window.acquire(weight(line));
                items.add(new Item<>(line, submit(line)));
                line = in.next();
            }
            items.add(new Item<>(null, CompletableFuture.completedFuture(null)));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (IOException e) {
            items.add(new Item<>(
                    null,
                    CompletableFuture.failedFuture(
                            new UserException(in.name() + ": " + Failure.oneLine(e.getMessage()), e))));
        } catch (Throwable e) {
            items.add(new Item<>(null, CompletableFuture.failedFuture(e)));
        }
    }

    private CompletableFuture<R> submit(Line line) {
        try {
            return submit.apply(line);
        } catch (IllegalArgumentException e) {
            return CompletableFuture.failedFuture(mistake(line, e));
        }
    }

    private UserException mistake(Line line, Exception e) {
        return new UserException(in.name() + ": line " + line.number() + ": " + Failure.oneLine(e.getMessage()), e);
    }

    private static int weight(Line line) {
        return Math.min(WINDOW, line.text().length() + LINE);
    }
}
