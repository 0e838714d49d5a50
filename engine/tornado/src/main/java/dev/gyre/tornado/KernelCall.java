package dev.gyre.tornado;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import uk.ac.manchester.tornado.api.types.arrays.TornadoNativeArray;
import uk.ac.manchester.tornado.drivers.opencl.OCLDeviceContext;
import uk.ac.manchester.tornado.drivers.opencl.OCLKernel;
import uk.ac.manchester.tornado.runtime.library.spi.LibraryInvocation;

/**
 * A task of the {@link KernelLibrary}: a kernel whose arguments are set once, as buffers stay where they are. TornadoVM is told
 * of each array once and of no numbers: it looks at all that it knows of in every run.
 */
final class KernelCall {

    /** TornadoVM's parameters before those of a prebuilt task's kernel, which ours do not look at. */
    private static final int HIDDEN = 4;

    private final String kernelName;
    private final String source;
    private final Launch launch;
    private final Object[] arguments;
    private final List<TornadoNativeArray> arrays;
    private @Nullable OCLKernel kernel;
    private long[] buffers = {};

    /** @param arguments arrays and numbers, in the kernel's order, after TornadoVM's four */
    KernelCall(String kernelName, String source, Launch launch, Object[] arguments) {
        this.kernelName = kernelName;
        this.source = source;
        this.launch = launch;
        this.arguments = arguments;
        this.arrays = Arrays.stream(arguments)
                .filter(TornadoNativeArray.class::isInstance)
                .map(TornadoNativeArray.class::cast)
                .distinct()
                .toList();
    }

    String kernelName() {
        return kernelName;
    }

    /** What TornadoVM has to know. */
    List<TornadoNativeArray> arrays() {
        return arrays;
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
        long[] now = new long[arrays.size()];
        for (int i = 0; i < now.length; i++) {
            // TornadoVM gives addresses of data behind the array's header, also where a buffer is a handle.
            now[i] = invocation.getDevicePointer(i) - TornadoNativeArray.ARRAY_HEADER;
        }
        if (Arrays.equals(now, buffers)) {
            return;
        }
        ByteBuffer value = ByteBuffer.allocate(Long.BYTES).order(device.getByteOrder());
        for (int i = 0; i < arguments.length; i++) {
            value.clear();
            switch (arguments[i]) {
                case TornadoNativeArray array -> value.putLong(now[arrays.indexOf(array)]);
                case Float real -> value.putFloat(real);
                case Integer whole -> value.putInt(whole);
                default -> throw new IllegalStateException("kernel " + kernelName + " has an argument " + arguments[i]);
            }
            ready.setArg(HIDDEN + i, value);
        }
        buffers = now;
    }
}
