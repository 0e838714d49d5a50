package dev.gyre.tornado;

import java.util.List;
import uk.ac.manchester.tornado.api.AccessorParameters;
import uk.ac.manchester.tornado.api.GridScheduler;
import uk.ac.manchester.tornado.api.TaskGraph;
import uk.ac.manchester.tornado.api.WorkerGrid;
import uk.ac.manchester.tornado.api.WorkerGrid1D;
import uk.ac.manchester.tornado.api.common.Access;
import uk.ac.manchester.tornado.api.types.arrays.TornadoNativeArray;

/**
 * The task that copies what went up for a run to where the kernels of all task graphs find it. TornadoVM uploads an array
 * into a buffer of the task graph that it is given to, and the others do not see that buffer.
 */
final class CopyTask {

    private static final int LANES = 16;

    private CopyTask() {}

    static void add(
            TaskGraph graph,
            String name,
            List<? extends TornadoNativeArray> from,
            List<? extends TornadoNativeArray> to,
            GridScheduler grids) {
        AccessorParameters parameters = new AccessorParameters(3 * from.size());
        StringBuilder arguments = new StringBuilder();
        StringBuilder copies = new StringBuilder();
        int longest = 1;
        for (int i = 0; i < from.size(); i++) {
            int elements = from.get(i).getSize();
            longest = Math.max(longest, elements);
            parameters.set(3 * i, from.get(i), Access.READ_ONLY);
            parameters.set(3 * i + 1, to.get(i), Access.READ_ONLY);
            parameters.set(3 * i + 2, elements, Access.READ_ONLY);
            arguments.append(", __global const int* from%d, __global int* to%d, const int n%d".formatted(i, i, i));
            copies.append("    for (int i = get_global_id(0); i < n%d; i += get_global_size(0))".formatted(i));
            copies.append(" to%d[i + TORNADO_HEADER / 4] = from%d[i + TORNADO_HEADER / 4];\n".formatted(i, i));
        }
        String path = new KernelFile()
                .text("__kernel void copy_inputs(__global long* context, __constant uchar* constants,"
                        + " __local uchar* local_region, __global int* atomics" + arguments + ") {\n" + copies + "}\n")
                .path();
        graph.prebuiltTask("inputs", "copy_inputs", path, parameters);
        WorkerGrid grid = new WorkerGrid1D(LANES);
        grid.setLocalWork(LANES, 1, 1);
        grids.addWorkerGrid(name + ".inputs", grid);
    }
}
