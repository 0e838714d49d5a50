package dev.gyre.opencl;

/**
 * What multiplies, by compute type.
 *
 * @param int8 of int8
 * @param floats of float32, float16 or bfloat16, whichever is the compute type
 */
record Units(Int8Unit int8, FloatUnit floats) {

    /** What needs nothing of a processor. */
    static final Units PLAIN = new Units(Int8Unit.PLAIN, FloatUnit.FMA);
}
