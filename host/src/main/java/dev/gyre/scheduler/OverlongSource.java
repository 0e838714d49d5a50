package dev.gyre.scheduler;

/** What happens to a source with more tokens than the model takes. */
public enum OverlongSource {
    /** It is an error that names both numbers. */
    REJECT,
    /**
     * A text loses its last tokens; what its tokenizer puts around it, an end token and a language say, stays. Of a source
     * that is given as token ids the last are dropped, but an end token of the model's at the end stays.
     */
    TRUNCATE
}
