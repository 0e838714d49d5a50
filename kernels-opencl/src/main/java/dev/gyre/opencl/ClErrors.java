package dev.gyre.opencl;

import dev.gyre.backend.DeviceException;
import org.jocl.CL;

/** Turns return codes into one line that names the call, the code and the device. */
final class ClErrors {

    private ClErrors() {}

    /**
     * Throws if a call failed.
     *
     * @param call what was called, and for what
     */
    static void check(int code, String call, String device) {
        if (code != CL.CL_SUCCESS) {
            throw failure(code, call, device);
        }
    }

    static DeviceException failure(int code, String call, String device) {
        return new DeviceException(call + " failed on " + device + " with " + name(code) + advice(code));
    }

    static String name(int code) {
        String name = CL.stringFor_errorCode(code);
        return name + " (" + code + ")";
    }

    private static String advice(int code) {
        return switch (code) {
            case CL.CL_MEM_OBJECT_ALLOCATION_FAILURE, CL.CL_OUT_OF_RESOURCES, CL.CL_OUT_OF_HOST_MEMORY ->
                "; " + DeviceException.LESS_AT_ONCE + ", or free memory of the device";
            case CL.CL_INVALID_WORK_GROUP_SIZE, CL.CL_INVALID_WORK_ITEM_SIZE ->
                "; force the other kind of kernels, or another device";
            default -> "";
        };
    }
}
