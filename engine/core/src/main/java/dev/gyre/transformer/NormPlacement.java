package dev.gyre.transformer;

/** Where a sublayer is normalised. */
public enum NormPlacement {
    /** {@code norm(x + sublayer(x))}, as in the paper. */
    POST,
    /** {@code x + sublayer(norm(x))}. */
    PRE
}
