package dev.gyre.opencl;

import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Notes in the program cache which trials of a unit's products came out right, so that they are made once with a driver, a
 * processor and these kernels, and not at every start. What was wrong is tried again.
 */
record PassedTrials(ProgramCache cache) {

    private static final byte[] RIGHT = "right".getBytes(StandardCharsets.US_ASCII);

    /**
     * @param key all that the result depends on
     * @param trial the first wrong result; empty if all are right
     */
    Optional<String> fault(String key, Supplier<Optional<String>> trial) {
        if (cache.load(key).isPresent()) {
            return Optional.empty();
        }
        Optional<String> fault = trial.get();
        if (fault.isEmpty()) {
            cache.store(key, RIGHT);
        }
        return fault;
    }
}
