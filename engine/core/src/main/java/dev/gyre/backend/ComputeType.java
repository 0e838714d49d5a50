package dev.gyre.backend;

/** How the weights of products are stored and multiplied. Everything else is float32. */
public enum ComputeType {
    /** Weights and products in float32. */
    FLOAT32,
    /** Weights in IEEE half precision, accumulation in float32. */
    FLOAT16,
    /** Weights in bfloat16, accumulation in float32. */
    BFLOAT16,
    /** Weights in int8 with a scale per row, activations quantised per row at run time, accumulation in int32. */
    INT8
}
