package dev.gyre.scheduler;

import dev.gyre.backend.Traffic;

/**
 * Sees every run of a device, on the thread that dispatches to it. For tests, benchmarks and progress. One that
 * throws fails no request: that is logged, and it hears of no more runs.
 */
public interface StepListener {

    /**
     * What one run took.
     *
     * @param tokens rows: source tokens of an encoder run, target tokens of a decoder run
     * @param sentences sentences in the run
     * @param picks rows whose candidates were selected; 0 in an encoder run
     * @param top candidates per row
     * @param edits changes to single logits
     * @param traffic bytes up and down of this run, reading of its results included
     */
    record Step(int tokens, int sentences, int picks, int top, int edits, Traffic traffic) {}

    /** After an encoder run was enqueued. */
    default void encoded(Step step) {}

    /** After the results of a decoder run were read. */
    default void decoded(Step step) {}
}
