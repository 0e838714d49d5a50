package dev.gyre.opencl;

import dev.gyre.backend.DeviceException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.OptionalInt;
import org.jocl.CL;
import org.jocl.cl_kernel;
import org.jspecify.annotations.Nullable;

/** A launch with a kernel of its own for every variant, so that arguments stay set. */
final class SingleLaunch implements Submission {

    private final Launch launch;
    private final List<@Nullable cl_kernel> kernels = new ArrayList<>();

    /**
     * Throws if the device cannot run a kernel in groups of the size it is written for: registers and local memory may
     * leave room for fewer work-items than the device's largest group has.
     */
    SingleLaunch(Launch launch, Programs programs) {
        this.launch = launch;
        try {
            for (Launch.Variant variant : launch.variants()) {
                Call call = variant.call();
                kernels.add(call == null ? null : call.make(programs, launch.what()));
                requireFits(variant, programs);
            }
        } catch (RuntimeException | Error e) {
            close();
            throw e;
        }
    }

    private void requireFits(Launch.Variant variant, Programs programs) {
        cl_kernel kernel = kernels.getLast();
        if (kernel == null) {
            return;
        }
        long items = Arrays.stream(variant.local()).reduce(1, (a, b) -> a * b);
        long most = programs.maxGroup(kernel);
        if (items > most) {
            throw new DeviceException(
                    launch.what() + " needs groups of " + items + " work-items, and this device runs its kernel"
                            + " in groups of at most " + most + "; force the other kind of kernels");
        }
    }

    @Override
    public void enqueue(RunBlock run, Queue queue) {
        OptionalInt index = launch.variant(run);
        if (index.isPresent()) {
            Launch.Variant variant = launch.variants().get(index.getAsInt());
            queue.launch(new Launch.Ready(
                    launch.what(),
                    Objects.requireNonNull(kernels.get(index.getAsInt())),
                    variant.global(run.length(launch.rowsAt())),
                    variant.local()));
        }
    }

    @Override
    public void close() {
        kernels.stream().filter(Objects::nonNull).forEach(CL::clReleaseKernel);
        kernels.clear();
    }
}
