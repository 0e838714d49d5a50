package dev.gyre.weights;

import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * A tensor in a mapped file, checked against it.
 *
 * @param shape lengths of the axes, outermost first
 * @param label the stored type as the format calls it
 * @param data exactly the bytes of the elements
 * @param scales what stored values are divided by: one for all, or one per row; none where they are not quantised
 */
record StoredTensor(int[] shape, StoredType type, String label, MemorySegment data, float @Nullable [] scales) {

    long elements() {
        return data.byteSize() / type.bytes();
    }

    void read(long first, int count, float[] destination, int offset) {
        if (first < 0 || count < 0 || first > elements() - count) {
            throw new IndexOutOfBoundsException("elements " + first + " to " + (first + count) + " of " + elements());
        }
        type.read(data, first, count, destination, offset);
        if (scales == null) {
            return;
        }
        long columns = scales.length == 1 ? elements() : elements() / scales.length;
        for (int i = 0; i < count; i++) {
            destination[offset + i] /= scales[(int) ((first + i) / columns)];
        }
    }

    void forget() {
        if (data.isMapped()) {
            data.unload();
        }
    }
}
