package dev.gyre.transformer;

import org.jspecify.annotations.Nullable;

/** A layer of an encoder (no cross-attention) or of a decoder. */
public record Layer(
        NormPlacement placement,
        AttentionBlock self,
        Normalization selfNorm,
        @Nullable AttentionBlock cross,
        @Nullable Normalization crossNorm,
        FeedForward feedForward,
        Normalization feedForwardNorm) {}
