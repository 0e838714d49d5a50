package dev.gyre.tornado;

import dev.gyre.backend.Bindings;
import dev.gyre.backend.DeviceException;
import dev.gyre.graph.Size;
import uk.ac.manchester.tornado.api.WorkerGrid;
import uk.ac.manchester.tornado.api.WorkerGrid2D;

/**
 * The work-groups of a task. TornadoVM tells nobody when OpenCL refuses a launch: the output stays as it was. So
 * everything that OpenCL could refuse is checked before.
 */
final class Launch {

    /** How many work-groups in each direction; a task of no rows is launched with one group that does nothing. */
    sealed interface Groups {

        /** As many as there are blocks of {@code block} rows. */
        record Rows(Size rows, int block) implements Groups {
            @Override
            public long count(Bindings bindings) {
                return Math.ceilDiv(bindings.length(rows), block);
            }
        }

        /** So many columns of work-groups for each block of rows. */
        record Blocks(int columns, Size rows, int block) implements Groups {
            @Override
            public long count(Bindings bindings) {
                return (long) columns * Math.max(1, Math.ceilDiv(bindings.length(rows), block));
            }
        }

        /** Always as many. */
        record Always(long groups) implements Groups {
            @Override
            public long count(Bindings bindings) {
                return groups;
            }
        }

        long count(Bindings bindings);
    }

    private final String task;
    private final WorkerGrid grid = new WorkerGrid2D(1, 1);
    private final int localX;
    private final int localY;
    private final Groups x;
    private final Groups y;
    private long lastX = -1;
    private long lastY = -1;

    Launch(String task, int localX, Groups x, int localY, Groups y) {
        this.task = task;
        this.localX = localX;
        this.localY = localY;
        this.x = x;
        this.y = y;
        set(1, 1);
    }

    WorkerGrid grid() {
        return grid;
    }

    /** Work-items in each direction, as of the last bound sizes. */
    long[] global() {
        return new long[] {lastX * localX, lastY * localY};
    }

    /** Work-items of a work-group. */
    long[] local() {
        return new long[] {localX, localY};
    }

    /**
     * Looks whether a device can run the work-groups.
     *
     * @throws DeviceException if it cannot
     */
    void requireAtMost(long workItems) {
        if ((long) localX * localY > workItems) {
            throw refused(workItems);
        }
    }

    /** Follows the bound sizes of a run. */
    void follow(Bindings bindings) {
        long groupsX = Math.max(1, x.count(bindings));
        long groupsY = Math.max(1, y.count(bindings));
        if (groupsX != lastX || groupsY != lastY) {
            set(groupsX, groupsY);
        }
    }

    private void set(long groupsX, long groupsY) {
        long globalX = groupsX * localX;
        long globalY = groupsY * localY;
        if (globalX > Integer.MAX_VALUE || globalY > Integer.MAX_VALUE) {
            throw new DeviceException("task " + task + " would need " + globalX + " by " + globalY
                    + " work-items, more than TornadoVM can count; take a smaller batch");
        }
        grid.setGlobalWork(globalX, globalY, 1);
        grid.setLocalWork(localX, localY, 1);
        lastX = groupsX;
        lastY = groupsY;
    }

    /**
     * TornadoVM replaces a local size that the device refuses by one of the driver's choice; kernels here count on theirs.
     *
     * @throws DeviceException if that has happened
     */
    void requireKept() {
        long[] local = grid.getLocalWork();
        if (local == null || local[0] != localX || local[1] != localY) {
            throw refused(0);
        }
    }

    private DeviceException refused(long workItems) {
        return new DeviceException("the device does not run work-groups of " + localX + " by " + localY
                + " work-items, which task " + task + " needs"
                + (workItems == 0 ? "" : " (it takes " + workItems + ")") + "; take the opencl backend");
    }
}
