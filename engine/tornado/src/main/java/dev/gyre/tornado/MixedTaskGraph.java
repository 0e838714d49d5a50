package dev.gyre.tornado;

import java.util.Arrays;
import uk.ac.manchester.tornado.api.TaskGraph;
import uk.ac.manchester.tornado.api.common.Access;
import uk.ac.manchester.tornado.api.common.LibraryTaskDescriptor;
import uk.ac.manchester.tornado.api.types.arrays.TornadoNativeArray;
import uk.ac.manchester.tornado.runtime.tasks.PrebuiltTask;
import uk.ac.manchester.tornado.runtime.tasks.TornadoTaskGraph;
import uk.ac.manchester.tornado.runtime.tasks.meta.ScheduleContext;

/**
 * A task graph with any number of prebuilt tasks. {@link TaskGraph#prebuiltTask} allows one: TornadoVM looks for the code
 * of a task at the task's place among those of its graph, and a {@link PrebuiltTask} equals no other, not even itself, so
 * that its place is always 0.
 */
final class MixedTaskGraph extends TaskGraph {

    MixedTaskGraph(String name) {
        super(name);
    }

    /**
     * Adds a kernel in OpenCL C. TornadoVM puts tasks in order by what they read and write, and never ends with a task that
     * reads an array behind a place where it writes it. So each kernel is said to write the one array that all tasks read,
     * at the last place where it has it, and to read all others: that keeps prebuilt tasks in the order in which they are
     * added, and Java kernels behind the prebuilt tasks before them.
     *
     * @param id of its own in this graph
     * @param kernel its name
     * @param path of the file with this kernel alone
     * @param common the array that is among the arguments of every task
     * @param arguments arrays and numbers, in the kernel's order, after TornadoVM's four
     */
    void prebuilt(String id, String kernel, String path, TornadoNativeArray common, Object[] arguments) {
        taskGraphImpl.addInner(new Distinct(
                ((TornadoTaskGraph) taskGraphImpl).meta(), id, kernel, path, arguments, access(common, arguments)));
    }

    /** The same, launched by the {@link KernelLibrary}. */
    void library(String id, KernelCall call, TornadoNativeArray common) {
        Object[] arrays = call.arrays().toArray();
        taskGraphImpl.addLibraryTask(
                id,
                new LibraryTaskDescriptor()
                        .withLibrary(KernelLibrary.NAME)
                        .withFunction(call.kernelName())
                        .withParameters(arrays)
                        .withAccess(access(common, arrays))
                        .withTuning(call));
    }

    private static Access[] access(TornadoNativeArray common, Object[] arguments) {
        Access[] access = new Access[arguments.length];
        Arrays.fill(access, Access.READ_ONLY);
        access[Arrays.asList(arguments).lastIndexOf(common)] = Access.READ_WRITE;
        return access;
    }

    /** Equals itself. */
    private static final class Distinct extends PrebuiltTask {

        Distinct(ScheduleContext graph, String id, String kernel, String path, Object[] arguments, Access[] access) {
            super(graph, id, kernel, path, arguments, access);
        }

        @Override
        public boolean equals(Object other) {
            return this == other;
        }

        @Override
        public int hashCode() {
            return System.identityHashCode(this);
        }
    }
}
