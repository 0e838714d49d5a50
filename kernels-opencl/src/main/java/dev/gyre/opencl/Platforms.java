package dev.gyre.opencl;

import dev.gyre.backend.DeviceDescription.Kind;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jocl.CL;
import org.jocl.Pointer;
import org.jocl.Sizeof;
import org.jocl.cl_device_id;
import org.jocl.cl_platform_id;

/**
 * The devices of every OpenCL platform, or the reason why there is none.
 *
 * @param absence one line that says what to install; empty if there is a device
 */
record Platforms(List<ClDevice> devices, String absence) {

    private static final String INSTALL =
            "install a driver for the GPU, or PoCL for the CPU (Debian: apt install pocl-opencl-icd ocl-icd-libopencl1)";

    /** Of cl_nv_device_attribute_query. */
    private static final int COMPUTE_CAPABILITY_MAJOR_NV = 0x4000;

    private static final int COMPUTE_CAPABILITY_MINOR_NV = 0x4001;

    static Platforms find() {
        try {
            return list();
        } catch (LinkageError e) {
            return new Platforms(List.of(), "the OpenCL library cannot be loaded (" + firstLine(e) + "); " + INSTALL);
        } catch (RuntimeException e) {
            return new Platforms(List.of(), "OpenCL does not answer (" + firstLine(e) + "); " + INSTALL);
        }
    }

    private static Platforms list() {
        int[] count = new int[1];
        int code = CL.clGetPlatformIDs(0, null, count);
        if (code != CL.CL_SUCCESS || count[0] == 0) {
            return new Platforms(List.of(), "OpenCL is here, but no platform; " + INSTALL);
        }
        cl_platform_id[] platforms = new cl_platform_id[count[0]];
        ClErrors.check(CL.clGetPlatformIDs(platforms.length, platforms, null), "clGetPlatformIDs", "this machine");
        List<ClDevice> devices = new ArrayList<>();
        List<String> empty = new ArrayList<>();
        for (cl_platform_id platform : platforms) {
            if (CL.clGetDeviceIDs(platform, CL.CL_DEVICE_TYPE_ALL, 0, null, count) != CL.CL_SUCCESS || count[0] == 0) {
                empty.add(platformText(platform, CL.CL_PLATFORM_NAME));
                continue;
            }
            cl_device_id[] ids = new cl_device_id[count[0]];
            ClErrors.check(
                    CL.clGetDeviceIDs(platform, CL.CL_DEVICE_TYPE_ALL, ids.length, ids, null),
                    "clGetDeviceIDs",
                    platformText(platform, CL.CL_PLATFORM_NAME));
            for (cl_device_id id : ids) {
                devices.add(describe(platform, id));
            }
        }
        return new Platforms(
                List.copyOf(devices),
                devices.isEmpty()
                        ? "OpenCL has no device, only " + String.join(", ", empty) + " without one; "
                                + Quirks.remedy(empty).orElse(INSTALL)
                        : "");
    }

    private static ClDevice describe(cl_platform_id platform, cl_device_id id) {
        long type = number(id, CL.CL_DEVICE_TYPE);
        return new ClDevice(
                platform,
                id,
                platformText(platform, CL.CL_PLATFORM_NAME),
                platformText(platform, CL.CL_PLATFORM_VERSION),
                text(id, CL.CL_DEVICE_NAME),
                text(id, CL.CL_DEVICE_VERSION),
                text(id, CL.CL_DRIVER_VERSION),
                text(id, CL.CL_DEVICE_EXTENSIONS),
                (type & CL.CL_DEVICE_TYPE_CPU) != 0 ? Kind.CPU : Kind.GPU,
                (int) number(id, CL.CL_DEVICE_MAX_COMPUTE_UNITS),
                (int) number(id, CL.CL_DEVICE_NATIVE_VECTOR_WIDTH_FLOAT),
                number(id, CL.CL_DEVICE_GLOBAL_MEM_SIZE),
                number(id, CL.CL_DEVICE_MAX_MEM_ALLOC_SIZE),
                number(id, CL.CL_DEVICE_LOCAL_MEM_SIZE),
                number(id, CL.CL_DEVICE_MAX_WORK_GROUP_SIZE),
                capability(id),
                number(id, CL.CL_DEVICE_AVAILABLE) != 0 && number(id, CL.CL_DEVICE_COMPILER_AVAILABLE) != 0);
    }

    private static int capability(cl_device_id id) {
        return text(id, CL.CL_DEVICE_EXTENSIONS).contains("cl_nv_device_attribute_query")
                ? (int) (10 * number(id, COMPUTE_CAPABILITY_MAJOR_NV) + number(id, COMPUTE_CAPABILITY_MINOR_NV))
                : 0;
    }

    private static String platformText(cl_platform_id platform, int what) {
        long[] size = new long[1];
        if (CL.clGetPlatformInfo(platform, what, 0, null, size) != CL.CL_SUCCESS) {
            return "";
        }
        byte[] bytes = new byte[(int) size[0]];
        CL.clGetPlatformInfo(platform, what, bytes.length, Pointer.to(bytes), null);
        return trimmed(bytes);
    }

    private static String text(cl_device_id id, int what) {
        long[] size = new long[1];
        if (CL.clGetDeviceInfo(id, what, 0, null, size) != CL.CL_SUCCESS) {
            return "";
        }
        byte[] bytes = new byte[(int) size[0]];
        CL.clGetDeviceInfo(id, what, bytes.length, Pointer.to(bytes), null);
        return trimmed(bytes);
    }

    /** A number of 4 or 8 bytes: the upper half stays zero where the driver writes only the lower. */
    private static long number(cl_device_id id, int what) {
        long[] value = new long[1];
        long[] size = new long[1];
        if (CL.clGetDeviceInfo(id, what, 0, null, size) != CL.CL_SUCCESS || size[0] > Sizeof.cl_ulong) {
            return 0;
        }
        CL.clGetDeviceInfo(id, what, size[0], Pointer.to(value), null);
        return value[0];
    }

    private static String trimmed(byte[] bytes) {
        return new String(bytes, StandardCharsets.UTF_8).replace('\0', ' ').strip();
    }

    static String firstLine(Throwable e) {
        String message = e.getMessage();
        return message == null
                ? e.toString()
                : message.lines().findFirst().orElse(e.toString()).strip();
    }
}
