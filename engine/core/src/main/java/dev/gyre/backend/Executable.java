package dev.gyre.backend;

import dev.gyre.graph.Program;
import dev.gyre.graph.Tensor.Value;

/**
 * A program on a device: its weights, its states, and its graphs ready to run. Runs are asynchronous and in order;
 * reading waits for what was enqueued before.
 */
public interface Executable extends AutoCloseable {

    Program program();

    MemoryPlan memory();

    /**
     * Enqueues a run of a graph. The inputs are copied before the call returns.
     *
     * @param bindings made for a graph of this program, with every size and every input bound
     * @throws IllegalArgumentException if a size or an input is missing or out of range
     * @throws DeviceException if the device refuses
     */
    void run(Bindings bindings);

    /**
     * Waits, then copies the first elements of a float32 output of the last run of its graph. Rows are dense with the
     * sizes of that run.
     *
     * @throws DeviceException if the device failed in a run since
     */
    void read(Value output, float[] destination, int count);

    /** As {@link #read(Value, float[], int)}, of an int32 output. */
    void read(Value output, int[] destination, int count);

    /** Frees weights, states and kernels. Closing twice is no error. */
    @Override
    void close();
}
