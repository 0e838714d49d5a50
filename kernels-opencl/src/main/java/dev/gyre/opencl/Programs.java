package dev.gyre.opencl;

import dev.gyre.backend.DeviceException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.jocl.CL;
import org.jocl.Pointer;
import org.jocl.Sizeof;
import org.jocl.cl_context;
import org.jocl.cl_device_id;
import org.jocl.cl_kernel;
import org.jocl.cl_program;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The built programs of an open device: from the cache where a binary is there and builds, from source else. */
final class Programs {

    private static final Logger LOG = LoggerFactory.getLogger(Programs.class);

    private final cl_context context;
    private final cl_device_id device;
    private final String deviceName;
    private final String identity;
    private final @Nullable ProgramCache cache;
    private final Map<KernelSource, Future<cl_program>> built = new HashMap<>();
    private final ExecutorService builders;

    /**
     * @param atOnce programs that may be built at the same time
     * @param cache none where the driver keeps compiled programs itself
     */
    Programs(
            cl_context context,
            cl_device_id device,
            String deviceName,
            String identity,
            int atOnce,
            @Nullable ProgramCache cache) {
        this.context = context;
        this.device = device;
        this.deviceName = deviceName;
        this.identity = identity;
        this.cache = cache;
        builders = Executors.newFixedThreadPool(
                atOnce,
                Thread.ofPlatform().daemon().name("gyre-opencl-build-", 0).factory());
    }

    /** A kernel of its own, so that its arguments stay set. The caller releases it. */
    cl_kernel kernel(KernelSource source, String name) {
        cl_program program = await(start(source));
        int[] code = new int[1];
        cl_kernel kernel = CL.clCreateKernel(program, name, code);
        ClErrors.check(code[0], "clCreateKernel " + name, deviceName);
        return kernel;
    }

    /** Builds a program on a thread of its own, if nobody did so before. */
    Future<cl_program> start(KernelSource source) {
        return built.computeIfAbsent(source, s -> builders.submit(() -> build(s)));
    }

    private cl_program await(Future<cl_program> building) {
        try {
            return building.get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof DeviceException refused) {
                throw new DeviceException(String.valueOf(refused.getMessage()), refused);
            }
            throw new DeviceException("building a program failed on " + deviceName + ": " + e.getCause(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new DeviceException("building a program for " + deviceName + " was interrupted", e);
        }
    }

    /** Work-items of the largest group in which a kernel can run. */
    long maxGroup(cl_kernel kernel) {
        long[] size = new long[1];
        int code = CL.clGetKernelWorkGroupInfo(
                kernel, device, CL.CL_KERNEL_WORK_GROUP_SIZE, Sizeof.size_t, Pointer.to(size), null);
        ClErrors.check(code, "clGetKernelWorkGroupInfo", deviceName);
        return size[0];
    }

    void close() {
        builders.close();
        for (Future<cl_program> building : built.values()) {
            if (building.state() == Future.State.SUCCESS) {
                CL.clReleaseProgram(building.resultNow());
            }
        }
        built.clear();
    }

    private cl_program build(KernelSource source) {
        String text = source.text();
        if (cache == null) {
            return fromSource(text);
        }
        String key = ProgramCache.key(text, KernelSource.OPTIONS, identity);
        Optional<byte[]> binary = cache.load(key);
        if (binary.isPresent()) {
            cl_program program = fromBinary(binary.get());
            if (program != null) {
                return program;
            }
            LOG.debug("cached program {} does not build on {} and is made anew", key, deviceName);
            cache.discard(key);
        }
        cl_program program = fromSource(text);
        byte[] made = binary(program);
        if (made.length > 0) {
            cache.store(key, made);
        }
        return program;
    }

    private @Nullable cl_program fromBinary(byte[] binary) {
        int[] code = new int[1];
        int[] status = new int[1];
        cl_program program = CL.clCreateProgramWithBinary(
                context,
                1,
                new cl_device_id[] {device},
                new long[] {binary.length},
                new byte[][] {binary},
                status,
                code);
        if (code[0] != CL.CL_SUCCESS || status[0] != CL.CL_SUCCESS) {
            return null;
        }
        if (CL.clBuildProgram(program, 1, new cl_device_id[] {device}, KernelSource.OPTIONS, null, null)
                != CL.CL_SUCCESS) {
            CL.clReleaseProgram(program);
            return null;
        }
        return program;
    }

    private cl_program fromSource(String text) {
        int[] code = new int[1];
        cl_program program = CL.clCreateProgramWithSource(context, 1, new String[] {text}, null, code);
        ClErrors.check(code[0], "clCreateProgramWithSource", deviceName);
        int built = CL.clBuildProgram(program, 1, new cl_device_id[] {device}, KernelSource.OPTIONS, null, null);
        String log = built == CL.CL_SUCCESS ? "" : log(program);
        if (built != CL.CL_SUCCESS && Quirks.mayBuildAgain(log)) {
            LOG.debug("built again on {} after {}", deviceName, log);
            built = CL.clBuildProgram(program, 1, new cl_device_id[] {device}, KernelSource.OPTIONS, null, null);
        }
        if (built != CL.CL_SUCCESS) {
            CL.clReleaseProgram(program);
            LOG.debug("build log of {}:\n{}", deviceName, log);
            throw new DeviceException("clBuildProgram failed on " + deviceName + " with " + ClErrors.name(built) + ": "
                    + firstErrors(log));
        }
        return program;
    }

    private String log(cl_program program) {
        long[] size = new long[1];
        CL.clGetProgramBuildInfo(program, device, CL.CL_PROGRAM_BUILD_LOG, 0, null, size);
        byte[] log = new byte[Math.toIntExact(size[0])];
        CL.clGetProgramBuildInfo(program, device, CL.CL_PROGRAM_BUILD_LOG, log.length, Pointer.to(log), null);
        return new String(log, StandardCharsets.UTF_8).replace('\0', ' ');
    }

    private static String firstErrors(String log) {
        List<String> errors = new ArrayList<>(
                log.lines().filter(l -> l.contains("error")).limit(2).toList());
        if (errors.isEmpty()) {
            log.lines().limit(2).forEach(errors::add);
        }
        return String.join(" | ", errors);
    }

    private byte[] binary(cl_program program) {
        long[] size = new long[1];
        int code = CL.clGetProgramInfo(program, CL.CL_PROGRAM_BINARY_SIZES, Sizeof.size_t, Pointer.to(size), null);
        if (code != CL.CL_SUCCESS || size[0] == 0) {
            LOG.debug("{} gives no binary of a program", deviceName);
            return new byte[0];
        }
        byte[] bytes = new byte[Math.toIntExact(size[0])];
        Pointer pointers = Pointer.to(Pointer.to(bytes));
        code = CL.clGetProgramInfo(program, CL.CL_PROGRAM_BINARIES, Sizeof.POINTER, pointers, null);
        if (code != CL.CL_SUCCESS) {
            LOG.debug("{} gives no binary of a program: {}", deviceName, ClErrors.name(code));
            return new byte[0];
        }
        return bytes;
    }
}
