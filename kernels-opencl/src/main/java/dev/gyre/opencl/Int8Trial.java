package dev.gyre.opencl;

import dev.gyre.backend.Device;
import java.util.Optional;

/**
 * Small products in int8. Every row has a number whose magnitude is 127, so that its scale is 1, nothing is rounded, and
 * results are whole numbers that are known.
 */
final class Int8Trial {

    private static final ProductTrial EXACT = new ProductTrial(Int8Trial::number, v -> v, _ -> 0);

    private Int8Trial() {}

    /** The first wrong result; empty if all are right. */
    static Optional<String> fault(Device device) {
        return EXACT.fault(device);
    }

    /** With more columns than the most panels that a tuner gives a work-item. */
    static Optional<String> wideFault(Device device) {
        return EXACT.fault(device, new int[][] {{16 * Packing.INT8_PANEL + 35, 66}});
    }

    private static float number(int row, int column) {
        if (column == row % 2) {
            return row % 3 == 0 ? -127 : 127;
        }
        return (row * 37 + column * 101 + row * column % 29) % 255 - 127;
    }
}
