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
 * The task that unpacks what went up for a run to where the kernels of all task graphs find it. TornadoVM uploads an array
 * into a buffer of the task graph that it is given to, and the others do not see that buffer.
 */
final class CopyTask {

    private static final int LANES = 16;

    private CopyTask() {}

    static void add(TaskGraph graph, String name, RunBlock block, RunBlock.Parcel parcel, GridScheduler grids) {
        List<TornadoNativeArray> to = block.arrays();
        AccessorParameters parameters = new AccessorParameters(1 + to.size());
        parameters.set(0, parcel.array(), Access.READ_ONLY);
        StringBuilder arguments = new StringBuilder(", __global const int* from");
        for (int i = 0; i < to.size(); i++) {
            parameters.set(1 + i, to.get(i), Access.READ_ONLY);
            arguments.append(", __global int* to").append(i);
        }
        StringBuilder copies = new StringBuilder("    from += TORNADO_HEADER / 4;\n");
        List<RunBlock.Segment> segments = block.segments();
        copies.append("    int at = ").append(segments.size()).append(";\n");
        for (int i = 0; i < segments.size(); i++) {
            RunBlock.Segment segment = segments.get(i);
            copies.append("    for (int i = get_global_id(0); i < from[%d]; i += get_global_size(0))".formatted(i));
            copies.append(" to%d[i + TORNADO_HEADER / 4 + %d] = from[at + i];\n"
                    .formatted(segment.isFloat() ? 1 : 0, segment.at()));
            copies.append("    at += from[%d];\n".formatted(i));
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
