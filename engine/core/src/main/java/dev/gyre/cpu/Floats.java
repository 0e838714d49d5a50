package dev.gyre.cpu;

/** Where a float32 tensor lies. */
record Floats(float[] array, int start) {}
