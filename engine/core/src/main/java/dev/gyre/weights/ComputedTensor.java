package dev.gyre.weights;

/** A matrix that a model defines by a formula, or derives from a stored tensor, instead of storing it. */
public interface ComputedTensor {

    /** The tensor's name, as weights refer to it. */
    String name();

    int rows();

    /** 0 for a vector. */
    int columns();

    float value(int row, int column);
}
