package dev.gyre.tornado;

import uk.ac.manchester.tornado.api.types.arrays.FloatArray;

/** Where a float32 tensor is: an array, and the element at which the tensor begins. */
record Floats(FloatArray array, int at) {

    Floats from(int column) {
        return new Floats(array, at + column);
    }
}
