package dev.gyre.tornado;

import java.nio.ByteBuffer;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import uk.ac.manchester.tornado.api.types.arrays.TornadoNativeArray;
import uk.ac.manchester.tornado.drivers.opencl.OCLDeviceContext;
import uk.ac.manchester.tornado.drivers.opencl.OCLKernel;
import uk.ac.manchester.tornado.runtime.library.spi.LibraryInvocation;

/** A task of the {@link KernelLibrary}: a kernel whose arguments are set once, as buffers stay where they are. */
final class KernelCall {

    /** TornadoVM's parameters before those of a prebuilt task's kernel, which ours do not look at. */
    private static final int HIDDEN = 4;

    private final String kernelName;
    private final String source;
    private final Launch launch;
    private @Nullable OCLKernel kernel;
    private long[] buffers = {};

    KernelCall(String kernelName, String source, Launch launch) {
        this.kernelName = kernelName;
        this.source = source;
        this.launch = launch;
    }

    void launch(KernelLibrary.Programs programs, LibraryInvocation invocation) {
        OCLDeviceContext device = programs.device();
        OCLKernel ready = kernel;
        if (ready == null) {
            ready = programs.kernel(source, kernelName);
            for (int i = 0; i < HIDDEN; i++) {
                ready.setArgUnused(i);
            }
            kernel = ready;
        }
        setArguments(ready, device, invocation);
        device.enqueueNDRangeKernel(
                invocation.getExecutionPlanId(), ready, 2, null, launch.global(), launch.local(), null);
    }

    private void setArguments(OCLKernel ready, OCLDeviceContext device, LibraryInvocation invocation) {
        long[] now = new long[invocation.getNumArgs()];
        for (int i = 0; i < now.length; i++) {
            // TornadoVM gives addresses of data behind the array's header, also where a buffer is a handle.
            now[i] = invocation.isReference(i) ? invocation.getDevicePointer(i) - TornadoNativeArray.ARRAY_HEADER : 0;
        }
        if (Arrays.equals(now, buffers)) {
            return;
        }
        ByteBuffer value = ByteBuffer.allocate(Long.BYTES).order(device.getByteOrder());
        for (int i = 0; i < now.length; i++) {
            value.clear();
            if (invocation.isReference(i)) {
                value.putLong(now[i]);
            } else if (invocation.getArg(i) instanceof Float real) {
                value.putFloat(real);
            } else {
                value.putInt((Integer) invocation.getArg(i));
            }
            ready.setArg(HIDDEN + i, value);
        }
        buffers = now;
    }
}
