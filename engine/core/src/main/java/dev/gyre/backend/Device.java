package dev.gyre.backend;

import dev.gyre.graph.Program;
import java.util.Optional;

/** An open device. One thread at a time uses it and everything made from it. */
public interface Device extends AutoCloseable {

    DeviceDescription description();

    /** The options it was opened with. */
    DeviceOptions options();

    /** Where the settings of its kernels come from; {@link DeviceOptions#tuning} may have changed single ones. */
    default TuningOrigin tuning() {
        return TuningOrigin.BUILT_IN;
    }

    /**
     * Plans the memory, uploads the weights, zeroes the states that have to be and builds the kernels of a program.
     *
     * @throws OutOfMemoryException before anything is uploaded, if the plan does not fit
     * @throws DeviceException if the device refuses
     */
    Executable compile(Program program, WeightSource weights);

    /** What has gone up and down since the device was opened. */
    Traffic traffic();

    /** Measures what the device does at best, in about a second; empty where nobody has written how. */
    default Optional<Peak> peak() {
        return Optional.empty();
    }

    /** Frees everything made from this device, executables included. Closing twice is no error. */
    @Override
    void close();
}
