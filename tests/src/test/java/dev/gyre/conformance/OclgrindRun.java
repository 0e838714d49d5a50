package dev.gyre.conformance;

import static org.jocl.CL.CL_CONTEXT_PLATFORM;
import static org.jocl.CL.CL_DEVICE_TYPE_ALL;
import static org.jocl.CL.CL_MEM_READ_WRITE;
import static org.jocl.CL.clBuildProgram;
import static org.jocl.CL.clCreateBuffer;
import static org.jocl.CL.clCreateContext;
import static org.jocl.CL.clCreateKernel;
import static org.jocl.CL.clCreateProgramWithSource;
import static org.jocl.CL.clEnqueueNDRangeKernel;
import static org.jocl.CL.clFinish;
import static org.jocl.CL.clGetDeviceIDs;
import static org.jocl.CL.clGetPlatformIDs;
import static org.jocl.CL.clSetKernelArg;

import dev.gyre.backend.ComputeType;
import dev.gyre.backend.Device;
import java.util.ArrayList;
import java.util.List;
import org.jocl.CL;
import org.jocl.Pointer;
import org.jocl.Sizeof;
import org.jocl.cl_command_queue;
import org.jocl.cl_context;
import org.jocl.cl_context_properties;
import org.jocl.cl_device_id;
import org.jocl.cl_kernel;
import org.jocl.cl_mem;
import org.jocl.cl_platform_id;
import org.jocl.cl_program;

/** What {@link OclgrindTest} starts in a JVM of its own, where Oclgrind is the only OpenCL platform. */
final class OclgrindRun {

    /** Every work-item writes one element, and the last reaches behind the buffer. */
    private static final String FAULTY =
            "__kernel void faulty(__global int *a) { a[0] = get_global_id(0); a[get_global_id(0) + 1] = 1; }";

    private OclgrindRun() {}

    /**
     * Runs the small cases on the targets whose label ends in the argument, or a kernel that is wrong on purpose if the
     * argument is {@code faulty}.
     */
    public static void main(String[] args) {
        if (args[0].equals("faulty")) {
            runFaulty();
            System.out.println("ran 1");
            return;
        }
        int ran = 0;
        List<Target> targets = new ArrayList<>(Target.all());
        targets.addAll(Target.int8());
        targets.addAll(Target.tiles());
        targets.addAll(Target.oneTuned());
        targets.addAll(Target.oneTunedInt8());
        targets.addAll(Target.fused());
        for (Target target : targets) {
            if (target.label().endsWith(args[0])) {
                ComputeType type = target.options().computeType();
                try (Device device = target.open()) {
                    for (Case c : cases(args[0], type)) {
                        long start = System.nanoTime();
                        Agreement.require(
                                c,
                                Yardstick.of(c, type == ComputeType.INT8 ? type : ComputeType.FLOAT32),
                                Outcome.of(c, device));
                        ran++;
                        System.out.printf("%s: %s: %d ms%n", target, c, (System.nanoTime() - start) / 1_000_000);
                    }
                }
            }
        }
        System.out.println("ran " + ran);
    }

    @SuppressWarnings("deprecation") // the OpenCL 1.2 call
    private static void runFaulty() {
        CL.setExceptionsEnabled(true);
        cl_platform_id[] platforms = new cl_platform_id[1];
        clGetPlatformIDs(1, platforms, null);
        cl_device_id[] devices = new cl_device_id[1];
        clGetDeviceIDs(platforms[0], CL_DEVICE_TYPE_ALL, 1, devices, null);
        cl_context_properties properties = new cl_context_properties();
        properties.addProperty(CL_CONTEXT_PLATFORM, platforms[0]);
        cl_context context = clCreateContext(properties, 1, devices, null, null, null);
        cl_command_queue queue = CL.clCreateCommandQueue(context, devices[0], 0, null);
        cl_program program = clCreateProgramWithSource(context, 1, new String[] {FAULTY}, null, null);
        clBuildProgram(program, 0, null, null, null, null);
        cl_kernel kernel = clCreateKernel(program, "faulty", null);
        cl_mem buffer = clCreateBuffer(context, CL_MEM_READ_WRITE, 8L * Sizeof.cl_int, null, null);
        clSetKernelArg(kernel, 0, Sizeof.cl_mem, Pointer.to(buffer));
        clEnqueueNDRangeKernel(queue, kernel, 1, null, new long[] {8}, new long[] {8}, 0, null, null);
        clFinish(queue);
    }

    /** The cases of a run. */
    static List<Case> cases(String what, ComputeType type) {
        if (what.endsWith("tuned")) {
            List<Case> cases = new ArrayList<>(TunedConformanceTest.small());
            cases.addAll(BestCases.small());
            return cases;
        }
        if (what.endsWith("mma")) {
            return TileCases.few(type);
        }
        if (type != ComputeType.INT8 && what.endsWith("amx")) {
            return TileCases.small(type);
        }
        return type == ComputeType.INT8 ? Int8Cases.small() : SmallCases.all();
    }
}
