package dev.gyre.opencl;

/** What a run of a graph sends to the queue: a launch, or several as one. */
interface Submission {

    /** Enqueues what there is to do in a run whose lengths the run block knows. */
    void enqueue(RunBlock run, Queue queue);

    /** Frees kernels; nothing may be under way. */
    void close();
}
