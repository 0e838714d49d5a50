package dev.gyre.backend;

/** A program does not fit on a device. Thrown before anything is uploaded; names the bytes that are missing. */
public class OutOfMemoryException extends DeviceException {

    private final transient MemoryPlan plan;
    private final long limit;

    public OutOfMemoryException(MemoryPlan plan, long limit, String device) {
        this(
                "the model needs " + plan.total() + " bytes on " + device + " (weights " + plan.weights() + ", caches "
                        + plan.states() + ", intermediates " + plan.arena() + ", inputs " + plan.inputs()
                        + ") and may take " + limit + ": " + (plan.total() - limit) + " bytes are missing: "
                        + LESS_AT_ONCE + ", or raise --memory-limit",
                plan,
                limit);
    }

    private OutOfMemoryException(String message, MemoryPlan plan, long limit) {
        super(message);
        this.plan = plan;
        this.limit = limit;
    }

    /**
     * Something that computing less makes smaller does not fit into one buffer.
     *
     * @param what it is, as {@code cache self}
     * @param limit bytes of the device's largest buffer
     */
    public static OutOfMemoryException ofBuffer(String what, long bytes, MemoryPlan plan, long limit, String device) {
        return new OutOfMemoryException(
                what + " needs " + bytes + " bytes, but the largest buffer of " + device + " has " + limit + "; "
                        + LESS_AT_ONCE,
                plan,
                limit);
    }

    public MemoryPlan plan() {
        return plan;
    }

    public long limit() {
        return limit;
    }
}
