package dev.gyre.opencl;

import dev.gyre.backend.ComputeType;
import dev.gyre.backend.Device;
import java.util.Optional;

/**
 * Small products in float32 or bfloat16 by tiles, of numbers that bfloat16 has to round. Sums of float32 are allowed for
 * with as many roundings as come one after the other at most, and float32 in two halves with what these leave.
 */
final class FloatTrial {

    private static final double ROUNDING = 0x1p-24;

    private static final ProductTrial BFLOAT16 = new ProductTrial(
            FloatTrial::number, v -> Float.intBitsToFloat(Packing.bfloat16((float) v) << 16), 40 * ROUNDING);

    private static final ProductTrial HALVES =
            new ProductTrial(FloatTrial::number, v -> v, 3 * 0x1p-16 + 80 * ROUNDING);

    private FloatTrial() {}

    /**
     * The first result that is out of bounds; empty if none is.
     *
     * @param type float32 or bfloat16
     */
    static Optional<String> fault(Device device, ComputeType type) {
        return (type == ComputeType.BFLOAT16 ? BFLOAT16 : HALVES).fault(device);
    }

    private static float number(int row, int column) {
        return (row * 3701 + column * 10103 + row * column % 2903) % 25013 / 12507f - 1;
    }
}
