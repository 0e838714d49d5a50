package dev.gyre.weights;

import java.util.Set;

/**
 * The tensors of a model by name, float32 whatever the file stores. Opening one checks every offset, size, shape and
 * type against the file; reading is lazy, from the mapped file.
 */
public interface Checkpoint extends AutoCloseable {

    /** For messages: the file or folder. */
    String origin();

    /** Every name, aliases included. */
    Set<String> names();

    /**
     * Lengths of the axes, outermost first; empty for a scalar.
     *
     * @throws ModelFormatException if there is no such tensor
     */
    int[] shape(String name);

    /** What the file stores, for people: {@code F16}, {@code int8}. */
    String storedType(String name);

    /**
     * Reads elements in row-major order.
     *
     * @throws IndexOutOfBoundsException outside of the tensor
     */
    void read(String name, long firstElement, int count, float[] destination, int offset);

    @Override
    void close();
}
