package dev.gyre.tornado;

import uk.ac.manchester.tornado.api.TornadoExecutionResult;
import uk.ac.manchester.tornado.api.TornadoProfilerResult;

/**
 * What TornadoVM's profiler counted in one run of a graph.
 *
 * @param bytesIn copied to the device: inputs, and some tens of bytes for each task
 * @param bytesOut copied back by the run itself, before anybody reads
 * @param compileNanos spent on compiling kernels
 * @param taskGraphs executed
 */
record Profile(long bytesIn, long bytesOut, long compileNanos, int taskGraphs) {

    static final Profile NONE = new Profile(0, 0, 0, 0);

    Profile and(TornadoExecutionResult result) {
        TornadoProfilerResult more = result.getProfilerResult();
        return new Profile(
                bytesIn + more.getTotalBytesCopyIn(),
                bytesOut + more.getTotalBytesCopyOut(),
                compileNanos + more.getCompileTime(),
                taskGraphs + 1);
    }
}
