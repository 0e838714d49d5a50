package dev.gyre.tornado;

import dev.gyre.backend.DeviceException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import uk.ac.manchester.tornado.drivers.opencl.OCLDeviceContext;
import uk.ac.manchester.tornado.drivers.opencl.OCLKernel;
import uk.ac.manchester.tornado.drivers.opencl.OCLProgram;
import uk.ac.manchester.tornado.drivers.opencl.enums.OCLBuildStatus;
import uk.ac.manchester.tornado.drivers.opencl.runtime.OCLTornadoDevice;
import uk.ac.manchester.tornado.runtime.common.TornadoXPUDevice;
import uk.ac.manchester.tornado.runtime.library.spi.LibraryContext;
import uk.ac.manchester.tornado.runtime.library.spi.LibraryInvocation;
import uk.ac.manchester.tornado.runtime.library.spi.TornadoLibraryProvider;

/**
 * The OpenCL C kernels as a library that TornadoVM calls in the place of a task, as it calls cuBLAS: its own launch of a
 * prebuilt task writes a block of sizes to the device first and waits for everything before it. Found by TornadoVM through
 * {@code META-INF/services}; not for use by applications.
 */
public final class KernelLibrary implements TornadoLibraryProvider {

    static final String NAME = "gyre/opencl";

    /** Called by TornadoVM. */
    public KernelLibrary() {}

    @Override
    public String libraryName() {
        return NAME;
    }

    @Override
    public boolean canHandle(TornadoXPUDevice device) {
        return device instanceof OCLTornadoDevice;
    }

    @Override
    public LibraryContext createContext(TornadoXPUDevice device, long executionPlanId) {
        return new Programs((OCLDeviceContext) device.getDeviceContext());
    }

    @Override
    public void dispatch(String functionName, LibraryInvocation invocation) {
        ((KernelCall) invocation.getTuning()).launch((Programs) invocation.getContext(), invocation);
    }

    @Override
    public void destroyContext(LibraryContext context) {
        ((Programs) context).release();
    }

    /** The programs of one execution plan, one for each source. */
    static final class Programs implements LibraryContext {

        private final OCLDeviceContext device;
        private final Map<String, OCLProgram> built = new HashMap<>();

        private Programs(OCLDeviceContext device) {
            this.device = device;
        }

        OCLDeviceContext device() {
            return device;
        }

        /**
         * A kernel object for one task alone, as arguments stay set. It lives as long as the plan.
         *
         * @throws DeviceException with the first line of the log if the source does not build
         */
        OCLKernel kernel(String source, String name) {
            return built.computeIfAbsent(source, this::build).clCreateKernel(name);
        }

        private OCLProgram build(String source) {
            byte[] bytes = source.getBytes(StandardCharsets.UTF_8);
            OCLProgram program = device.createProgramWithSource(bytes, new long[] {bytes.length});
            if (program == null) {
                throw new DeviceException("the OpenCL driver takes no program");
            }
            program.build(TaskGraphs.COMPILER_FLAGS);
            if (program.getStatus(device.getDeviceId()) != OCLBuildStatus.CL_BUILD_SUCCESS) {
                String log = program.getBuildLog(device.getDeviceId());
                throw new DeviceException("a kernel does not build: "
                        + log.lines()
                                .filter(l -> l.contains("error"))
                                .findFirst()
                                .orElse(log));
            }
            return program;
        }

        private void release() {
            built.values().forEach(OCLProgram::cleanup);
            built.clear();
        }
    }
}
