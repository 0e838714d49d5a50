package dev.gyre.opencl;

/** How a weight lies in memory. */
enum Layout {
    /** Row-major, as the graph declares it, in float32. */
    ROWS,
    /** For products: {@code [panel][column][row of the panel]}, the last panel filled up with zeros; see {@link Packing}. */
    PANELS
}
