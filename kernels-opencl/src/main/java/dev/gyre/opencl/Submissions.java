package dev.gyre.opencl;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jocl.CL;
import org.jocl.cl_mem;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The launches of a graph as they are sent: neighbours as one where their kernels are fused, the others one by one. */
final class Submissions {

    private static final Logger LOG = LoggerFactory.getLogger(Submissions.class);

    /** At most: an output layer with {@link RoughLogits}. */
    static final int LAUNCHES_OF_AN_OPERATION = 4;

    private final List<Submission> list = new ArrayList<>();
    private @Nullable cl_mem progress;

    Submissions(String graph, List<Launch> launches, Optional<FusedKernels> fused, RunBlock run, OpenClDevice device) {
        try {
            int from = 0;
            while (from < launches.size()) {
                int end = fused.isEmpty() ? from : fusedEnd(launches, from, fused.get());
                if (end > from) {
                    list.add(new FusedLaunch(
                            launches.subList(from, end),
                            fused.orElseThrow(),
                            run,
                            progress(device),
                            device.unitsInUse(),
                            device.programs(),
                            device.buffers(),
                            device.queue()));
                    from = end;
                } else {
                    list.add(new SingleLaunch(launches.get(from++), device.programs()));
                }
            }
            LOG.debug("{}: {} launches in {}", graph, launches.size(), list.size());
        } catch (RuntimeException | Error e) {
            close();
            throw e;
        }
    }

    /** Bytes beside the run block for a graph of so many operations, at most. */
    static long bytes(int operations) {
        // Each launch with up to 96 arguments, in one variant or two.
        return progressBytes() + LAUNCHES_OF_AN_OPERATION * 96L * Integer.BYTES * operations;
    }

    private static long progressBytes() {
        return (FusedKernels.STEPS + 1L) * FusedKernels.STRIDE * Integer.BYTES;
    }

    private cl_mem progress(OpenClDevice device) {
        cl_mem made = progress;
        if (made == null) {
            made = device.buffers().create(progressBytes(), "the progress of launches");
            progress = made;
            device.queue().zero(made, progressBytes());
        }
        return made;
    }

    private static int fusedEnd(List<Launch> launches, int from, FusedKernels fused) {
        Set<cl_mem> buffers = new HashSet<>();
        int end = from;
        while (end < launches.size() && end - from < FusedKernels.STEPS && fused.fuses(launches.get(end))) {
            launches.get(end)
                    .calls()
                    .flatMap(call -> call.arguments().stream().skip(1))
                    .forEach(argument -> {
                        if (argument instanceof Argument.Memory memory) {
                            buffers.add(memory.buffer());
                        }
                    });
            if (buffers.size() > FusedKernels.BASES) {
                break;
            }
            end++;
        }
        return end;
    }

    /** Writes what the fused launches do in a run into its block. */
    void plan(RunBlock run) {
        for (Submission submission : list) {
            if (submission instanceof FusedLaunch launch) {
                launch.plan(run);
            }
        }
    }

    void enqueue(RunBlock run, Queue queue) {
        list.forEach(submission -> submission.enqueue(run, queue));
    }

    void close() {
        list.forEach(Submission::close);
        list.clear();
        if (progress != null) {
            CL.clReleaseMemObject(progress);
            progress = null;
        }
    }
}
