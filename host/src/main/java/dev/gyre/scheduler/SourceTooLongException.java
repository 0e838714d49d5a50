package dev.gyre.scheduler;

/** A source has more tokens than the model, or the translator as it was opened, takes. */
public class SourceTooLongException extends IllegalArgumentException {

    private final int tokens;
    private final int limit;

    public SourceTooLongException(int tokens, int limit) {
        super("the source has " + tokens + " tokens; at most " + limit
                + " can be taken: split it, or choose to truncate");
        this.tokens = tokens;
        this.limit = limit;
    }

    public int tokens() {
        return tokens;
    }

    public int limit() {
        return limit;
    }
}
