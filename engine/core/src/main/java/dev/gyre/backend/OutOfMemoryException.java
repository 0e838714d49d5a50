package dev.gyre.backend;

/** A program does not fit on a device. Thrown before anything is uploaded; names the bytes that are missing. */
public class OutOfMemoryException extends DeviceException {

    private final transient MemoryPlan plan;
    private final long limit;

    public OutOfMemoryException(MemoryPlan plan, long limit, String device) {
        super("the model needs " + plan.total() + " bytes on " + device + " (weights " + plan.weights() + ", caches "
                + plan.states() + ", intermediates " + plan.arena() + ", inputs " + plan.inputs() + ") and may take "
                + limit + ": " + (plan.total() - limit)
                + " bytes are missing: " + LESS_AT_ONCE + ", or raise --memory-limit");
        this.plan = plan;
        this.limit = limit;
    }

    public MemoryPlan plan() {
        return plan;
    }

    public long limit() {
        return limit;
    }
}
