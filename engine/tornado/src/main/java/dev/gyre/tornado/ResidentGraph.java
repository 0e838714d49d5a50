package dev.gyre.tornado;

import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import uk.ac.manchester.tornado.api.AccessorParameters;
import uk.ac.manchester.tornado.api.GridScheduler;
import uk.ac.manchester.tornado.api.ImmutableTaskGraph;
import uk.ac.manchester.tornado.api.TaskGraph;
import uk.ac.manchester.tornado.api.WorkerGrid;
import uk.ac.manchester.tornado.api.WorkerGrid1D;
import uk.ac.manchester.tornado.api.common.Access;
import uk.ac.manchester.tornado.api.enums.DataTransferMode;
import uk.ac.manchester.tornado.api.types.arrays.TornadoNativeArray;

/**
 * The task graph that brings arrays to the device and leaves them there. TornadoVM uploads only what a task looks at, so
 * its tasks take the arrays as arguments and do nothing.
 */
final class ResidentGraph {

    static final String NAME = "resident";

    /** OpenCL promises 1024 bytes of arguments. */
    private static final int ARRAYS_OF_A_TASK = 64;

    private ResidentGraph() {}

    static ImmutableTaskGraph of(List<TornadoNativeArray> arrays, GridScheduler grids) {
        TaskGraph graph = new TaskGraph(NAME);
        graph.transferToDevice(DataTransferMode.FIRST_EXECUTION, arrays.toArray());
        for (int first = 0; first < arrays.size(); first += ARRAYS_OF_A_TASK) {
            List<TornadoNativeArray> part = arrays.subList(first, Math.min(arrays.size(), first + ARRAYS_OF_A_TASK));
            AccessorParameters parameters = new AccessorParameters(part.size());
            for (int i = 0; i < part.size(); i++) {
                parameters.set(i, part.get(i), Access.READ_WRITE);
            }
            String id = "hold" + first;
            graph.prebuiltTask(id, "hold", source(part.size()), parameters);
            WorkerGrid grid = new WorkerGrid1D(1);
            grid.setLocalWork(1, 1, 1);
            grids.addWorkerGrid(NAME + "." + id, grid);
        }
        graph.persistOnDevice(arrays.toArray());
        return graph.snapshot();
    }

    private static String source(int arrays) {
        String parameters = IntStream.range(0, arrays)
                .mapToObj(i -> "__global uchar* a" + i)
                .collect(Collectors.joining(", "));
        String source = "__kernel void hold(__global long* context, __constant uchar* constants,"
                + " __local uchar* local_region, __global int* atomics, " + parameters + ") {}\n";
        return KernelFile.write(source);
    }
}
