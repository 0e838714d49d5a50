package dev.gyre.transformer;

/** Which attention weights the graphs write out for the host to read. */
public enum AttentionMaps {
    /** None: they never exist. */
    NONE,
    /** Those of the last decoder layer over the memory. */
    LAST_CROSS,
    /** Those of every layer, self and cross. */
    ALL
}
