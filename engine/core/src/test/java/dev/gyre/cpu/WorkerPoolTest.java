package dev.gyre.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.concurrent.atomic.AtomicIntegerArray;
import org.junit.jupiter.api.Test;

class WorkerPoolTest {

    @Test
    void everyTaskRunsOnceInEveryRun() {
        try (WorkerPool pool = new WorkerPool(4)) {
            for (int run = 0; run < 3000; run++) {
                int tasks = run % 23;
                AtomicIntegerArray counts = new AtomicIntegerArray(tasks);
                pool.run(tasks, (index, _) -> counts.incrementAndGet(index));
                for (int i = 0; i < tasks; i++) {
                    assertEquals(1, counts.get(i), "task " + i + " of run " + run);
                }
            }
        }
    }

    @Test
    void aSleepingPoolWakesUp() throws InterruptedException {
        try (WorkerPool pool = new WorkerPool(3)) {
            for (int run = 0; run < 20; run++) {
                Thread.sleep(2);
                AtomicIntegerArray counts = new AtomicIntegerArray(7);
                pool.run(7, (index, _) -> counts.incrementAndGet(index));
                for (int i = 0; i < 7; i++) {
                    assertEquals(1, counts.get(i));
                }
            }
        }
    }

    @Test
    void aFailureComesOutAndThePoolGoesOn() {
        IllegalStateException failure = new IllegalStateException("task 5");
        try (WorkerPool pool = new WorkerPool(3)) {
            assertSame(
                    failure,
                    assertThrows(
                            IllegalStateException.class,
                            () -> pool.run(9, (index, _) -> {
                                if (index == 5) {
                                    throw failure;
                                }
                            })));
            AtomicIntegerArray counts = new AtomicIntegerArray(9);
            pool.run(9, (index, _) -> counts.incrementAndGet(index));
            assertEquals(1, counts.get(5));
        }
    }
}
