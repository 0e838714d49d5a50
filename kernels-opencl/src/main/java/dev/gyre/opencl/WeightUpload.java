package dev.gyre.opencl;

import dev.gyre.backend.WeightSource;
import dev.gyre.graph.ElementType;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import org.jocl.cl_mem;

/** Reads, packs and sends weights, some rows at a time through the same two arrays. */
final class WeightUpload {

    /** Bytes that are read, packed and sent at a time, if one panel is not more. */
    private static final int CHUNK = 1 << 20;

    /** Columns that are packed at a time: a cache line of floats. */
    private static final int STRIP = 16;

    private final Queue queue;
    private final Packing packing;
    private float[] read = new float[0];
    private float[] packed = new float[0];
    private ByteBuffer staging = ByteBuffer.allocateDirect(0);

    WeightUpload(Queue queue, Packing packing) {
        this.queue = queue;
        this.packing = packing;
    }

    void send(WeightUse use, WeightSource source, cl_mem buffer) {
        int rows = use.weight().shape().rows().limit();
        int columns = use.weight().shape().columns();
        boolean panels = use.layout() == Layout.PANELS;
        int panel = packing.panel();
        int fits = (int) Math.max(1, CHUNK / ((long) columns * ElementType.BYTES));
        int step = Math.min(panels ? Math.max(panel, fits / panel * panel) : fits, Math.max(rows, 1));
        int stored = panels ? Math.ceilDiv(step, panel) * panel : step;
        makeRoom(Math.multiplyExact(stored, packing.depth(columns)), stored);
        for (int first = 0; first < rows; first += step) {
            int count = Math.min(step, rows - first);
            source.read(use.weight(), first, count, read, 0);
            staging.clear();
            int size = count * columns * ElementType.BYTES;
            long at = (long) first * columns * ElementType.BYTES;
            if (panels) {
                size = pack(count, columns, use.weight().name());
                at = packing.panelBytes(first / panel, columns);
            } else {
                staging.asFloatBuffer().put(0, read, 0, count * columns);
            }
            queue.write(buffer, at, staging, size);
        }
    }

    /** For so many elements in as many rows, each of which may have a scale and a correction. */
    private void makeRoom(int elements, int rows) {
        if (read.length < elements || staging.capacity() / ElementType.BYTES < elements + 2 * rows) {
            read = new float[elements];
            staging = ByteBuffer.allocateDirect(Math.multiplyExact(elements + 2 * rows, ElementType.BYTES))
                    .order(ByteOrder.nativeOrder());
        }
    }

    /** Transposes rows within panels; returns the bytes written. */
    private int pack(int count, int columns, String weight) {
        int panel = packing.panel();
        int panels = Math.ceilDiv(count, panel);
        if (packing.int8()) {
            for (int p = 0; p < panels; p++) {
                int present = Math.min(panel, count - p * panel);
                int at = Math.toIntExact(packing.panelBytes(p, columns));
                packing.putInt8(read, p * panel * columns, present, columns, staging, at, weight);
            }
            return Math.toIntExact(packing.panelBytes(panels, columns));
        }
        if (packing.tiles()) {
            for (int p = 0; p < panels; p++) {
                int present = Math.min(panel, count - p * panel);
                int at = Math.toIntExact(packing.panelBytes(p, columns));
                packing.putTiles(read, p * panel * columns, present, columns, staging, at, weight);
            }
            return Math.toIntExact(packing.panelBytes(panels, columns));
        }
        int size = panel * columns;
        if (packed.length < size) {
            packed = new float[size];
        }
        for (int p = 0; p < panels; p++) {
            int present = Math.min(panel, count - p * panel);
            if (present < panel) {
                Arrays.fill(packed, 0, size, 0);
            }
            // In strips of columns: a strip of the panel stays in the first-level cache while the rows pass by.
            for (int strip = 0; strip < columns; strip += STRIP) {
                int end = Math.min(columns, strip + STRIP);
                for (int r = 0; r < present; r++) {
                    int from = (p * panel + r) * columns;
                    for (int c = strip; c < end; c++) {
                        packed[c * panel + r] = read[from + c];
                    }
                }
            }
            packing.put(packed, size, staging, p * size, weight);
        }
        return panels * size * packing.numberBytes();
    }
}
