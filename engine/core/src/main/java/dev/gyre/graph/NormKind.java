package dev.gyre.graph;

/** How a row is brought to unit scale. */
public enum NormKind {
    /** {@code (x - mean) / sqrt(variance + eps) · gamma + beta}, variance over n (Ba et al., 2016). */
    LAYER,
    /** {@code x / sqrt(mean(x²) + eps) · gamma} (Zhang and Sennrich, 2019). */
    RMS
}
