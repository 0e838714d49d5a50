package dev.gyre.backend;

import java.util.Locale;

/** How the weights of products are stored and multiplied. Everything else is float32. */
public enum ComputeType {
    /** Weights and products in float32. */
    FLOAT32,
    /** Weights in IEEE half precision, accumulation in float32. */
    FLOAT16,
    /** Weights in bfloat16, accumulation in float32; activations rounded too where AMX multiplies. */
    BFLOAT16,
    /** Weights in int8 with a scale per row, activations quantised per row at run time, accumulation in int32. */
    INT8,
    /** One of the others, which {@link Backends#open} asks the backend for; an open device never has this one. */
    AUTO;

    /** As a user writes it, {@code float32}. */
    public String text() {
        return name().toLowerCase(Locale.ROOT);
    }
}
