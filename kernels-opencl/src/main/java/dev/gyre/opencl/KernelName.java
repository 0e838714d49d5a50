package dev.gyre.opencl;

/** A kernel of a program that may not be built yet. */
record KernelName(KernelSource source, String name) {}
