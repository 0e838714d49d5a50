package dev.gyre.scheduler;

/** What happens to a source with more tokens than the model takes. */
public enum OverlongSource {
    /** It is an error that names both numbers. */
    REJECT,
    /** Its last tokens are dropped; an end token stays. */
    TRUNCATE
}
