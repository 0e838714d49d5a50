package dev.gyre.weights;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/** How a file stores an element, little-endian. */
enum StoredType {
    F64(8),
    F32(4),
    F16(2),
    BF16(2),
    I64(8),
    I32(4),
    I16(2),
    I8(1),
    U8(1),
    BOOL(1);

    private static final ValueLayout.OfFloat FLOATS =
            ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfDouble DOUBLES =
            ValueLayout.JAVA_DOUBLE_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfShort SHORTS =
            ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfInt INTS = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfLong LONGS = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private final int bytes;

    StoredType(int bytes) {
        this.bytes = bytes;
    }

    int bytes() {
        return bytes;
    }

    /** Whether this is a whole number, which a quantised weight stores. */
    boolean integral() {
        return ordinal() >= I64.ordinal();
    }

    /** Elements {@code [first, first + count)} of a tensor as float32. */
    void read(MemorySegment data, long first, int count, float[] destination, int offset) {
        if (this == F32) {
            MemorySegment.copy(data, FLOATS, first * 4, destination, offset, count);
            return;
        }
        for (int i = 0; i < count; i++) {
            destination[offset + i] = value(data, (first + i) * bytes);
        }
    }

    private float value(MemorySegment data, long at) {
        return switch (this) {
            case F64 -> (float) data.get(DOUBLES, at);
            case F32 -> data.get(FLOATS, at);
            case F16 -> Float.float16ToFloat(data.get(SHORTS, at));
            case BF16 -> Float.intBitsToFloat(data.get(SHORTS, at) << 16);
            case I64 -> data.get(LONGS, at);
            case I32 -> data.get(INTS, at);
            case I16 -> data.get(SHORTS, at);
            case I8 -> data.get(ValueLayout.JAVA_BYTE, at);
            case U8 -> data.get(ValueLayout.JAVA_BYTE, at) & 0xff;
            case BOOL -> data.get(ValueLayout.JAVA_BYTE, at) == 0 ? 0 : 1;
        };
    }
}
