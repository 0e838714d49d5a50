package dev.gyre.cpu;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Threads that wait for the next operation: a graph is some hundred of them, tens of microseconds each, so handing one
 * over must cost less than waking a thread does. Idle threads look for work for a while before they sleep.
 *
 * <p>An operation is cut into tasks by its sizes alone. Which thread takes which task is open, which is why no task may
 * depend on another.
 */
final class WorkerPool implements AutoCloseable {

    /** One task of an operation. */
    interface Task {
        /**
         * @param index from 0 to the number of tasks
         * @param worker which thread runs it, 0 for the one that called: for memory that each thread has of its own
         */
        void run(int index, int worker);
    }

    /** Looks at the state before sleeping, each about 40 to 140 cycles: some 50 µs, longer than most operations. */
    private static final int SPINS = 1000;

    /** A generation in the upper half, tasks that nobody has taken in the lower half. */
    private final AtomicLong state = new AtomicLong();

    private final AtomicInteger unfinished = new AtomicInteger();
    private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
    private final Worker[] workers;
    private volatile boolean closed;
    private @Nullable Task task;
    private int count;

    /** @param threads how many work, the caller included */
    WorkerPool(int threads) {
        workers = new Worker[threads - 1];
        for (int i = 0; i < workers.length; i++) {
            workers[i] = new Worker(i + 1);
            workers[i].start();
        }
    }

    int threads() {
        return workers.length + 1;
    }

    /** Runs tasks 0 to {@code count - 1} and returns when all are done. */
    void run(int tasks, Task work) {
        if (tasks <= 1 || workers.length == 0) {
            runHere(tasks, work);
            return;
        }
        task = work;
        count = tasks;
        unfinished.set(tasks);
        state.set(((state.get() >>> 32) + 1) << 32 | tasks);
        int wanted = Math.min(tasks - 1, workers.length);
        for (int i = 0; i < wanted; i++) {
            if (workers[i].asleep) {
                LockSupport.unpark(workers[i]);
            }
        }
        while (runOne(0)) {}
        awaitOthers();
        task = null;
        Throwable thrown = failure.getAndSet(null);
        if (thrown instanceof RuntimeException e) {
            throw e;
        }
        if (thrown instanceof Error e) {
            throw e;
        }
    }

    /** For what is done sooner than handed over. */
    static void runHere(int tasks, Task work) {
        for (int i = 0; i < tasks; i++) {
            work.run(i, 0);
        }
    }

    /** Takes a task, if there is one. What it reads about the operation is stable, because the task is unfinished. */
    private boolean runOne(int worker) {
        long seen = state.get();
        int left = (int) seen;
        if (left == 0) {
            return false;
        }
        if (!state.compareAndSet(seen, seen - 1)) {
            return true;
        }
        try {
            java.util.Objects.requireNonNull(task).run(count - left, worker);
        } catch (RuntimeException | Error e) {
            failure.compareAndSet(null, e);
        } finally {
            unfinished.decrementAndGet();
        }
        return true;
    }

    private void awaitOthers() {
        for (int spins = 0; unfinished.get() != 0; spins++) {
            if (spins < SPINS) {
                Thread.onSpinWait();
            } else {
                // Somebody else has the core that the last task needs.
                Thread.yield();
            }
        }
    }

    @Override
    public void close() {
        closed = true;
        for (Worker worker : workers) {
            LockSupport.unpark(worker);
        }
    }

    private final class Worker extends Thread {
        private final int number;
        volatile boolean asleep;

        Worker(int number) {
            super("gyre-cpu-" + number);
            this.number = number;
            setDaemon(true);
        }

        @Override
        public void run() {
            int spins = 0;
            while (!closed) {
                if (runOne(number)) {
                    spins = 0;
                } else if (++spins < SPINS) {
                    Thread.onSpinWait();
                } else {
                    asleep = true;
                    // Looked at once more, for a task that came before the caller could see that this one sleeps.
                    if ((int) state.get() == 0 && !closed) {
                        LockSupport.park(this);
                    }
                    asleep = false;
                    spins = 0;
                }
            }
        }
    }
}
