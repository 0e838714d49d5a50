package dev.gyre.scheduler;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What many threads hand to the one that dispatches. */
final class Inbox {

    private final ArrayDeque<Sentence> waiting = new ArrayDeque<>();
    private boolean closed;
    private @Nullable Throwable failure;

    /** Adds a sentence unless the inbox is closed; whether it was added. */
    synchronized boolean add(Sentence s) {
        if (closed) {
            return false;
        }
        waiting.add(s);
        notifyAll();
        return true;
    }

    /**
     * Moves up to {@code most} sentences, oldest first.
     *
     * @param wait whether to wait until there is one
     * @return false if the inbox is closed
     */
    synchronized boolean move(Collection<Sentence> to, int most, boolean wait) throws InterruptedException {
        while (wait && waiting.isEmpty() && !closed) {
            wait();
        }
        for (int i = 0; i < most && !waiting.isEmpty(); i++) {
            to.add(waiting.remove());
        }
        return !closed;
    }

    /** Takes nothing more; why, if not on purpose. Returns what was waiting. */
    synchronized List<Sentence> close(@Nullable Throwable why) {
        if (!closed) {
            failure = why;
        }
        closed = true;
        List<Sentence> left = new ArrayList<>(waiting);
        waiting.clear();
        notifyAll();
        return left;
    }

    synchronized boolean closed() {
        return closed;
    }

    synchronized @Nullable Throwable failure() {
        return failure;
    }
}
