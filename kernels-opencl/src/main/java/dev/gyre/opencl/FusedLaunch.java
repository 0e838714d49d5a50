package dev.gyre.opencl;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import org.jocl.CL;
import org.jocl.Sizeof;
import org.jocl.cl_kernel;
import org.jocl.cl_mem;

/** Several launches as one of steps.cl. What each does in a run stands in the schedule, a part of the run block. */
final class FusedLaunch implements Submission {

    /** Numbers of a step in the schedule: entry, items of both dimensions. */
    private static final int STEP = 3;

    private final List<Launch> launches;
    /** By launch and variant: where its entry begins. */
    private final List<int[]> entryAt = new ArrayList<>();

    private final Map<cl_mem, Integer> bases = new LinkedHashMap<>();
    private final int scheduleAt;
    private final int[] schedule;
    private final int groups;
    private final cl_mem entries;
    private final cl_kernel kernel;
    private final String what;

    /**
     * @param launches with {@link FusedKernels#BASES} buffers at most
     * @param progress the counters, all zero between two runs
     * @param groups as many as the device runs at once
     */
    FusedLaunch(
            List<Launch> launches,
            FusedKernels fused,
            RunBlock run,
            cl_mem progress,
            int groups,
            Programs programs,
            Residents.Buffers buffers,
            Queue queue) {
        this.launches = List.copyOf(launches);
        this.groups = groups;
        what = launches.getFirst().what()
                + (launches.size() == 1 ? "" : " to " + launches.getLast().what());
        schedule = new int[1 + STEP * launches.size()];
        scheduleAt = run.reserve(schedule.length);
        ByteBuffer numbers = entries(fused);
        entries = buffers.create(numbers.limit(), "the launches from " + what);
        List<Argument> arguments = new ArrayList<>();
        arguments.add(runBlock());
        arguments.add(new Argument.Number(scheduleAt));
        arguments.add(new Argument.Memory(entries));
        arguments.add(new Argument.Memory(progress));
        bases.keySet().forEach(base -> arguments.add(new Argument.Memory(base)));
        while (arguments.size() < FusedKernels.BASES + 4) {
            arguments.add(runBlock());
        }
        try {
            queue.write(entries, 0, numbers, numbers.limit());
            kernel = new Call(fused.steps(), arguments).make(programs, what);
        } catch (RuntimeException | Error e) {
            CL.clReleaseMemObject(entries);
            throw e;
        }
    }

    private Argument runBlock() {
        return launches.getFirst().calls().findFirst().orElseThrow().arguments().getFirst();
    }

    private ByteBuffer entries(FusedKernels fused) {
        List<Integer> numbers = new ArrayList<>();
        for (Launch launch : launches) {
            int[] at = new int[launch.variants().size()];
            for (int i = 0; i < at.length; i++) {
                at[i] = numbers.size();
                Call call = launch.variants().get(i).call();
                if (call == null) {
                    continue;
                }
                numbers.add(fused.number(call));
                for (Argument argument :
                        call.arguments().subList(1, call.arguments().size())) {
                    numbers.add(
                            switch (argument) {
                                case Argument.Memory m -> bases.computeIfAbsent(m.buffer(), _ -> bases.size());
                                case Argument.Number n -> n.value();
                                case Argument.Real r -> Float.floatToRawIntBits(r.value());
                            });
                }
            }
            entryAt.add(at);
        }
        ByteBuffer bytes =
                ByteBuffer.allocateDirect(numbers.size() * Sizeof.cl_int).order(ByteOrder.nativeOrder());
        numbers.forEach(bytes::putInt);
        return bytes.flip();
    }

    /** Writes into the run block what is to be done in a run whose lengths it knows. */
    void plan(RunBlock run) {
        int steps = 0;
        for (int i = 0; i < launches.size(); i++) {
            Launch launch = launches.get(i);
            OptionalInt variant = launch.variant(run);
            if (variant.isPresent()) {
                long[] items = launch.variants().get(variant.getAsInt()).global(run.length(launch.rowsAt()));
                int at = 1 + STEP * steps++;
                schedule[at] = entryAt.get(i)[variant.getAsInt()];
                schedule[at + 1] = Math.toIntExact(items[0]);
                schedule[at + 2] = items.length == 1 ? 1 : Math.toIntExact(items[1]);
            }
        }
        schedule[0] = steps;
        run.put(scheduleAt, schedule);
    }

    @Override
    public void enqueue(RunBlock run, Queue queue) {
        if (schedule[0] > 0) {
            queue.launch(new Launch.Ready(what, kernel, new long[] {groups}, new long[] {1}));
        }
    }

    @Override
    public void close() {
        CL.clReleaseKernel(kernel);
        CL.clReleaseMemObject(entries);
    }
}
