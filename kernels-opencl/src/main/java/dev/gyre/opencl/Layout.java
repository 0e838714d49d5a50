package dev.gyre.opencl;

import dev.gyre.graph.ElementType;
import dev.gyre.graph.Tensor.Weight;

/** How a weight lies in memory. */
enum Layout {
    /** Row-major, as the graph declares it. */
    ROWS,
    /** Packed for products: {@code [panel][column][row of the panel]}, the last panel filled up with zeros. */
    PANELS;

    /** Floats behind the end that vector loads may touch. */
    static final int PAD = 64;

    /** Bytes of a weight in this layout. */
    long bytes(Weight weight, int panel) {
        long elements = weight.shape().limit();
        if (this == PANELS) {
            long rows = (long) Math.ceilDiv(weight.shape().rows().limit(), panel) * panel;
            elements = Math.multiplyExact(rows, (long) weight.shape().columns());
        }
        return Math.multiplyExact(elements + PAD, (long) ElementType.BYTES);
    }
}
