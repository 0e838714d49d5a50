package dev.gyre.graph;

/** What the elements of a tensor are while a graph runs. How a device stores weights is the device's own matter. */
public enum ElementType {
    FLOAT32,
    INT32;

    /** Bytes of one element. */
    public static final int BYTES = 4;
}
