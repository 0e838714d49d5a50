package dev.gyre.opencl;

import java.util.List;
import org.jocl.CL;
import org.jocl.cl_kernel;

/** A kernel and all its arguments, the run block first: known before the kernel is built. */
record Call(KernelName kernel, List<Argument> arguments) {

    Call {
        arguments = List.copyOf(arguments);
    }

    /**
     * The kernel, built, with its arguments set; the caller releases it.
     *
     * @param what the operation, for people
     */
    cl_kernel make(Programs programs, String what) {
        cl_kernel made = programs.kernel(kernel.source(), kernel.name());
        for (int i = 0; i < arguments.size(); i++) {
            Argument argument = arguments.get(i);
            int code = CL.clSetKernelArg(made, i, argument.size(), argument.pointer());
            if (code != CL.CL_SUCCESS) {
                CL.clReleaseKernel(made);
                throw ClErrors.failure(code, "clSetKernelArg " + i + " of " + what, "the device");
            }
        }
        return made;
    }
}
