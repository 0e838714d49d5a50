package dev.gyre.weights;

import java.util.Set;

/**
 * The tensors of a model by name, float32 whatever the file stores. Opening one checks every offset, size, shape and
 * type against the file; reading is lazy, from the mapped file.
 */
public interface Checkpoint extends AutoCloseable {

    /** The stored type of tables that a formula gives. */
    String COMPUTED = "computed";

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

    /** What the file stores, for people: {@code F16}, {@code int8}; {@link #COMPUTED} where it stores nothing. */
    String storedType(String name);

    /**
     * Whether the file stores whole numbers and no scale for them: ids or flags, or what a quantiser left whose scales are
     * not known here. No weights, in any case.
     */
    default boolean unscaled(String name) {
        return false;
    }

    /** The name under which a tensor is stored: what an alias stands for, the name itself otherwise. */
    default String storedAs(String name) {
        return name;
    }

    /**
     * Reads elements in row-major order.
     *
     * @throws IndexOutOfBoundsException outside of the tensor
     */
    void read(String name, long firstElement, int count, float[] destination, int offset);

    /** A hint that a tensor will hardly be read again: its file need not stay in memory for it. */
    default void forget(String name) {}

    @Override
    void close();
}
