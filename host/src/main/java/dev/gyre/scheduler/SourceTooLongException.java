package dev.gyre.scheduler;

/** A source has more tokens than the model, or the translator as it was opened, takes. */
public class SourceTooLongException extends IllegalArgumentException {

    private final int tokens;
    private final int limit;

    public SourceTooLongException(int tokens, int limit) {
        this(tokens, limit, "split it");
    }

    private SourceTooLongException(int tokens, int limit, String advice) {
        super("the source has " + tokens + " tokens; at most " + limit + " can be taken: " + advice);
        this.tokens = tokens;
        this.limit = limit;
    }

    /** One that {@link OverlongSource#TRUNCATE} would have helped against. */
    public static SourceTooLongException thatCanBeTruncated(int tokens, int limit) {
        return new SourceTooLongException(tokens, limit, "split it, or choose to truncate");
    }

    public int tokens() {
        return tokens;
    }

    public int limit() {
        return limit;
    }
}
