package dev.gyre.opencl;

import dev.gyre.backend.ComputeType;
import dev.gyre.backend.DeviceException;
import dev.gyre.graph.ElementType;
import dev.gyre.graph.Tensor.Weight;
import java.nio.ByteBuffer;

/**
 * How the weights of products are stored: in panels of so many rows, each number in the compute type. What is not the
 * weight of a product is float32.
 *
 * @param panel rows of a panel
 */
record Packing(int panel, ComputeType type) {

    /** Floats behind the end that vector loads may touch. */
    static final int PAD = 64;

    private static final float LARGEST_HALF = 65504;

    /** Bytes of a number in a panel. */
    int numberBytes() {
        return type == ComputeType.FLOAT32 ? Float.BYTES : Short.BYTES;
    }

    /** Bytes of a weight in a layout. */
    long bytes(Weight weight, Layout layout) {
        if (layout == Layout.ROWS) {
            return Math.multiplyExact(weight.shape().limit() + PAD, (long) ElementType.BYTES);
        }
        long rows = (long) Math.ceilDiv(weight.shape().rows().limit(), panel) * panel;
        return Math.multiplyExact(
                Math.multiplyExact(rows, (long) weight.shape().columns()) + PAD, (long) numberBytes());
    }

    /** Writes numbers as they are stored in panels, rounded to nearest even, from index {@code at} on. */
    void put(float[] numbers, int count, ByteBuffer to, int at, String weight) {
        switch (type) {
            case FLOAT32 -> to.asFloatBuffer().put(at, numbers, 0, count);
            case FLOAT16 -> {
                for (int i = 0; i < count; i++) {
                    if (Math.abs(numbers[i]) > LARGEST_HALF) {
                        throw new DeviceException("weight " + weight + " has the number " + numbers[i]
                                + ", which float16 cannot hold; choose --compute-type bfloat16 or float32");
                    }
                    to.putShort((at + i) * Short.BYTES, Float.floatToFloat16(numbers[i]));
                }
            }
            case BFLOAT16 -> {
                for (int i = 0; i < count; i++) {
                    to.putShort((at + i) * Short.BYTES, bfloat16(numbers[i]));
                }
            }
            case INT8 -> throw new DeviceException("the opencl backend has no int8 weights");
        }
    }

    /** The upper half of a float, rounded to nearest even; what is not a number stays so. */
    static short bfloat16(float value) {
        int bits = Float.floatToRawIntBits(value);
        if (Float.isNaN(value)) {
            return (short) (bits >>> 16 | 0x40);
        }
        return (short) (bits + 0x7fff + (bits >>> 16 & 1) >>> 16);
    }
}
