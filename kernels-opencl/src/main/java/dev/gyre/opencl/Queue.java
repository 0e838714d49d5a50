package dev.gyre.opencl;

import dev.gyre.backend.DeviceException;
import dev.gyre.backend.Traffic;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.jocl.CL;
import org.jocl.Pointer;
import org.jocl.Sizeof;
import org.jocl.cl_command_queue;
import org.jocl.cl_event;
import org.jocl.cl_mem;
import org.jspecify.annotations.Nullable;

/** The in-order queue of a device: every transfer and launch goes through here and is checked and counted here. */
final class Queue {

    private final cl_command_queue queue;
    private final String device;
    private final boolean blockingWrites;
    /** Whether nothing can be under way: a blocking write then costs no waiting and needs no thread of JOCL's. */
    private boolean idle = true;

    private int launchesToFailure;
    private Traffic traffic = Traffic.NONE;
    private ByteBuffer staging = ByteBuffer.allocateDirect(0);
    private @Nullable cl_event last;
    private @Nullable String failure;

    /** @param failAt the launch, counted from 1, that fails as if the driver had refused it; 0 for none */
    Queue(cl_command_queue queue, String device, boolean blockingWrites, int failAt) {
        this.blockingWrites = blockingWrites;
        this.launchesToFailure = failAt;
        this.queue = queue;
        this.device = device;
    }

    Traffic traffic() {
        return traffic;
    }

    /** Copies to the device and waits for it. */
    void write(cl_mem buffer, long offset, ByteBuffer bytes, int count) {
        checkRunning();
        int code = CL.clEnqueueWriteBuffer(queue, buffer, true, offset, count, Pointer.to(bytes), 0, null, null);
        check(code, "clEnqueueWriteBuffer of " + count + " bytes");
        traffic = traffic.up(count);
    }

    /** Copies to the device in its turn; the bytes must stay as they are until the event says so. */
    cl_event enqueueWrite(cl_mem buffer, ByteBuffer bytes, int count) {
        checkRunning();
        cl_event event = new cl_event();
        boolean blocking = blockingWrites || idle;
        idle = blocking;
        int code = CL.clEnqueueWriteBuffer(queue, buffer, blocking, 0, count, Pointer.to(bytes), 0, null, event);
        check(code, "clEnqueueWriteBuffer of " + count + " bytes");
        traffic = traffic.up(count);
        return event;
    }

    void zero(cl_mem buffer, long bytes) {
        fill(buffer, 0, bytes);
    }

    void fill(cl_mem buffer, int bits, long bytes) {
        idle = false;
        int code = CL.clEnqueueFillBuffer(
                queue, buffer, Pointer.to(new int[] {bits}), Sizeof.cl_int, 0, bytes, 0, null, null);
        check(code, "clEnqueueFillBuffer of " + bytes + " bytes");
    }

    /** Waits for everything before, then copies from the device; the result is good until the next call. */
    ByteBuffer read(cl_mem buffer, long offset, int count) {
        checkRunning();
        if (staging.capacity() < count) {
            staging = ByteBuffer.allocateDirect(count).order(ByteOrder.nativeOrder());
        }
        staging.clear().limit(count);
        if (count > 0) {
            int code = CL.clEnqueueReadBuffer(queue, buffer, true, offset, count, Pointer.to(staging), 0, null, null);
            check(code, "clEnqueueReadBuffer of " + count + " bytes");
            traffic = traffic.down(count);
            idle = true;
        }
        checkRunning();
        return staging;
    }

    void launch(Launch.Ready ready) {
        idle = false;
        int code = launchesToFailure > 0 && --launchesToFailure == 0
                ? CL.CL_OUT_OF_RESOURCES
                : CL.clEnqueueNDRangeKernel(
                        queue,
                        ready.kernel(),
                        ready.global().length,
                        null,
                        ready.global(),
                        ready.local(),
                        0,
                        null,
                        null);
        if (code != CL.CL_SUCCESS) {
            fail(ready + " failed on " + device + " with " + ClErrors.name(code));
        }
    }

    /** Marks the end of a run, starts it, and keeps an event to see later whether it failed. */
    void endRun() {
        forgetLast();
        cl_event event = new cl_event();
        check(CL.clEnqueueMarkerWithWaitList(queue, 0, null, event), "clEnqueueMarkerWithWaitList");
        last = event;
        check(CL.clFlush(queue), "clFlush");
    }

    /** Waits for what is under way, whether it succeeds or not. */
    void drain() {
        CL.clFinish(queue);
        idle = true;
    }

    /** Half of a run is worth nothing: every later use of the queue throws too. */
    private void fail(String message) {
        failure = message;
        checkRunning();
    }

    /** Throws if something that was enqueued earlier failed since. */
    void checkRunning() {
        if (failure == null && last != null) {
            int[] status = new int[1];
            int code = CL.clGetEventInfo(
                    last, CL.CL_EVENT_COMMAND_EXECUTION_STATUS, Sizeof.cl_int, Pointer.to(status), null);
            if (code == CL.CL_SUCCESS && status[0] < 0) {
                failure = "a kernel failed on " + device + " with " + ClErrors.name(status[0]);
            }
        }
        if (failure != null) {
            throw new DeviceException(failure + "; close the device and open it again");
        }
    }

    void close() {
        CL.clFinish(queue);
        forgetLast();
        CL.clReleaseCommandQueue(queue);
    }

    private void forgetLast() {
        if (last != null) {
            CL.clReleaseEvent(last);
            last = null;
        }
    }

    private void check(int code, String call) {
        ClErrors.check(code, call, device);
    }
}
