package dev.gyre.opencl;

import dev.gyre.backend.ComputeType;
import dev.gyre.backend.Device;
import java.util.Optional;

/**
 * Small products by tiles of AMX or by tensor cores, of numbers that two bytes have to round. Sums of float32 are allowed for
 * with as many roundings as come one after the other at most, and float32 in two halves with what these leave.
 */
final class FloatTrial {

    private static final double ROUNDING = 0x1p-24;

    private static final ProductTrial BFLOAT16 =
            new ProductTrial(FloatTrial::number, FloatTrial::bfloat16, _ -> 40 * ROUNDING);

    private static final ProductTrial HALVES =
            new ProductTrial(FloatTrial::number, v -> v, _ -> 3 * 0x1p-16 + 80 * ROUNDING);

    private static final ProductTrial BFLOAT16_CORES =
            new ProductTrial(FloatTrial::number, FloatTrial::bfloat16, FloatTrial::cores);

    private static final ProductTrial FLOAT16_CORES = new ProductTrial(
            FloatTrial::number, v -> Float.float16ToFloat(Float.floatToFloat16((float) v)), FloatTrial::cores);

    private FloatTrial() {}

    /** The first result that is out of bounds; empty if none is. */
    static Optional<String> fault(Device device, FloatUnit unit, ComputeType type) {
        if (unit.tensorCores()) {
            return (type == ComputeType.FLOAT16 ? FLOAT16_CORES : BFLOAT16_CORES).fault(device);
        }
        return (type == ComputeType.BFLOAT16 ? BFLOAT16 : HALVES).fault(device);
    }

    /**
     * What NVIDIA promises of the sums is the precision of float32, not its rounding: terms are cut off where the largest of
     * those that are added at a time ends, and that may be as few as four and the sum so far. So of 16 terms 20 at most lose a
     * unit in the last place of the whole, and then come bias and residual.
     */
    private static double cores(int terms) {
        return (Math.ceilDiv(terms, 16) * 20 + 4) * 2 * ROUNDING;
    }

    private static double bfloat16(double v) {
        return Float.intBitsToFloat(Packing.bfloat16((float) v) << 16);
    }

    private static float number(int row, int column) {
        return (row * 3701 + column * 10103 + row * column % 2903) % 25013 / 12507f - 1;
    }
}
