package dev.gyre.tornado;

import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/** Where an int32 tensor is: an array, and the element at which the tensor begins. */
record Ints(IntArray array, int at) {}
