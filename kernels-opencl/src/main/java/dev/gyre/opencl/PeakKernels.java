package dev.gyre.opencl;

import dev.gyre.backend.Peak;
import java.util.ArrayList;
import java.util.List;
import org.jocl.CL;
import org.jocl.Pointer;
import org.jocl.Sizeof;
import org.jocl.cl_kernel;
import org.jocl.cl_mem;

/** Measures the roofs of a device with the kernels of peak.cl. */
final class PeakKernels {

    private static final long MOST_BYTES = 256L << 20;
    private static final int RUNS = 8;
    private static final int CPU_LANES = 16;
    private static final int GPU_LANES = 4;
    private static final int GPU_GROUP = 64;
    private static final int GPU_GROUPS_PER_UNIT = 32;
    private static final int CPU_ITEMS_PER_UNIT = 4;

    private final OpenClDevice device;
    private final boolean cpu;
    private final int lanes;
    private final int items;

    private PeakKernels(OpenClDevice device) {
        this.device = device;
        cpu = device.kernels().tuning().cpu();
        lanes = cpu ? CPU_LANES : GPU_LANES;
        int units = device.description().units();
        items = Integer.highestOneBit(cpu ? CPU_ITEMS_PER_UNIT * units : GPU_GROUP * GPU_GROUPS_PER_UNIT * units);
    }

    static Peak measure(OpenClDevice device) {
        return new PeakKernels(device).measure();
    }

    private Peak measure() {
        // Two registers hold 16 floats without AVX-512, and one or two are for the factors.
        int chains = cpu ? device.floatLanes() < CPU_LANES ? 6 : 12 : 8;
        KernelSource source = KernelSource.empty()
                .define("LANES", lanes)
                .define("CHAINS", chains)
                .define("CONTIGUOUS", cpu ? 1 : 0)
                .file("peak.cl");
        long bytes =
                Long.highestOneBit(Math.min(MOST_BYTES, device.description().maxBufferBytes() / 2));
        List<Runnable> acquired = new ArrayList<>();
        try {
            cl_mem out = buffer((long) items * lanes * Float.BYTES, acquired);
            cl_mem in = buffer(bytes, acquired);
            cl_kernel read = device.programs().kernel(source, "read_all");
            acquired.add(() -> CL.clReleaseKernel(read));
            cl_kernel compute = device.programs().kernel(source, "compute");
            acquired.add(() -> CL.clReleaseKernel(compute));
            device.queue().zero(in, bytes);
            CL.clSetKernelArg(read, 0, Sizeof.cl_mem, Pointer.to(in));
            CL.clSetKernelArg(read, 1, Sizeof.cl_int, Pointer.to(new int[] {(int) (bytes / lanes / Float.BYTES)}));
            CL.clSetKernelArg(read, 2, Sizeof.cl_mem, Pointer.to(out));
            int steps = cpu ? 500_000 : 20_000;
            CL.clSetKernelArg(compute, 0, Sizeof.cl_int, Pointer.to(new int[] {steps}));
            CL.clSetKernelArg(compute, 1, Sizeof.cl_float, Pointer.to(new float[] {0.5f}));
            CL.clSetKernelArg(compute, 2, Sizeof.cl_mem, Pointer.to(out));
            double operations = 2.0 * steps * chains * lanes * items;
            return new Peak(bytes / least("read_all", read), operations / least("compute", compute));
        } finally {
            acquired.reversed().forEach(Runnable::run);
        }
    }

    private cl_mem buffer(long bytes, List<Runnable> acquired) {
        cl_mem buffer = device.buffers().create(bytes, "a measurement");
        acquired.add(() -> CL.clReleaseMemObject(buffer));
        return buffer;
    }

    private double least(String what, cl_kernel kernel) {
        Launch.Ready ready = new Launch.Ready(what, kernel, new long[] {items}, new long[] {cpu ? 1 : GPU_GROUP});
        long least = Long.MAX_VALUE;
        for (int i = 0; i < RUNS; i++) {
            long start = System.nanoTime();
            device.queue().launch(ready);
            device.queue().drain();
            least = Math.min(least, System.nanoTime() - start);
        }
        return least / 1e9;
    }
}
