package dev.gyre.opencl;

import dev.gyre.backend.ComputeType;
import dev.gyre.backend.DeviceException;
import dev.gyre.graph.ElementType;
import dev.gyre.graph.Tensor.Weight;
import java.nio.ByteBuffer;

/**
 * How the weights of products are stored: in panels of so many rows, each number in the compute type. What is not the
 * weight of a product is float32. A panel of int8 ends with the scales of its rows; see linear_int8_cpu.cl.
 *
 * @param panel rows of a panel
 * @param neighbours numbers of int8 that lie together, 2 or 4; see weights.cl
 * @param biased whether numbers of int8 are stored without a sign; see weights.cl
 * @param tiles whether floats lie as tiles of two bytes take them; see linear_bfloat16_amx.cl and linear_mma.cl
 */
record Packing(int panel, ComputeType type, int neighbours, boolean biased, boolean tiles) {

    /** Floats behind the end that vector loads may touch. */
    static final int PAD = 64;

    /** Rows of a panel of int8. */
    static final int INT8_PANEL = 16;

    /** Rows of a panel for tiles of bfloat16, and the columns that a tile takes of them. */
    static final int TILE_PANEL = 16;

    private static final int TILE_COLUMNS = 32;

    /** Bytes of x that a tile of AMX takes of a row; {@code depth} is a multiple of them with four neighbours. */
    private static final int INT8_QUADS = 64;

    /** What numbers of x have too much with four neighbours; see quantize.cl. */
    private static final int INT8_SHIFT = 128;

    /** What weights without a sign have too much. */
    private static final int INT8_BIAS = 127;

    /** The largest number of an int8 weight; with -128 the numbers would not be symmetric. */
    static final int INT8_MOST = 127;

    /** Rows of int8 whose largest magnitude is below become zero: the reciprocal of the scale would be infinite. */
    private static final float VANISHING = 1e-30f;

    private static final float LARGEST_HALF = 65504;

    Packing {
        if (type == ComputeType.INT8 && panel != INT8_PANEL) {
            throw new IllegalArgumentException("panels of int8 have " + INT8_PANEL + " rows, not " + panel);
        }
        if (tiles && panel != TILE_PANEL) {
            throw new IllegalArgumentException("panels for tiles have " + TILE_PANEL + " rows, not " + panel);
        }
    }

    /** WEIGHTS of weights.cl. */
    int stored() {
        return switch (type) {
            case FLOAT32 -> tiles ? 5 : 0;
            case FLOAT16 -> tiles ? 6 : 1;
            case BFLOAT16 -> tiles ? 4 : 2;
            case INT8 -> 3;
            case AUTO -> throw new IllegalStateException("auto is no type of an open device");
        };
    }

    boolean int8() {
        return type == ComputeType.INT8;
    }

    /** Whether four numbers of int8 lie together, and not two. */
    boolean quads() {
        return int8() && neighbours == 4;
    }

    /** Whether a panel ends with what makes up for a shift of x. */
    private boolean corrections() {
        return quads() && !biased;
    }

    /** Columns as they are stored, filled up to whole groups of what is multiplied together. */
    int depth(int columns) {
        int step = tiles ? TILE_COLUMNS : quads() ? INT8_QUADS : int8() ? 2 : 1;
        return Math.multiplyExact(Math.ceilDiv(columns, step), step);
    }

    /** Numbers of two bytes that tiles take for one; HALVES of weights.cl. */
    int halves() {
        return type == ComputeType.FLOAT32 ? 2 : 1;
    }

    /** Bytes of a row of x in int8, with what belongs to it; ROW_NUMBERS of quantize.cl. */
    long rowBytes(int columns) {
        long depth = depth(columns);
        return biased ? 3 * depth + 64 : quads() ? depth : Short.BYTES * depth;
    }

    /** Bytes behind the numbers of a panel: of int8 a scale of each row, and with four neighbours a correction. */
    private long tailBytes(int panels) {
        return int8() ? (long) panels * panel * (corrections() ? Float.BYTES + Integer.BYTES : Float.BYTES) : 0;
    }

    /** Bytes of so many whole panels. */
    long panelBytes(int panels, int columns) {
        long numbers = Math.multiplyExact((long) panels * panel, (long) depth(columns)) * numberBytes();
        return numbers + tailBytes(panels);
    }

    /** Bytes of a number in a panel. */
    int numberBytes() {
        return switch (type) {
            case FLOAT32 -> Float.BYTES;
            case FLOAT16, BFLOAT16 -> Short.BYTES;
            case INT8 -> Byte.BYTES;
            case AUTO -> throw new IllegalStateException("auto is no type of an open device");
        };
    }

    /** Bytes of a weight in a layout. */
    long bytes(Weight weight, Layout layout) {
        if (layout == Layout.ROWS) {
            return Math.multiplyExact(weight.shape().limit() + PAD, (long) ElementType.BYTES);
        }
        int panels = Math.ceilDiv(weight.shape().rows().limit(), panel);
        return panelBytes(panels, weight.shape().columns()) + (long) PAD * numberBytes();
    }

    /** Writes numbers as they are stored in panels, rounded to nearest even, from index {@code at} on. */
    void put(float[] numbers, int count, ByteBuffer to, int at, String weight) {
        switch (type) {
            case FLOAT32 -> to.asFloatBuffer().put(at, numbers, 0, count);
            case FLOAT16 -> {
                for (int i = 0; i < count; i++) {
                    to.putShort((at + i) * Short.BYTES, float16(numbers[i], weight));
                }
            }
            case BFLOAT16 -> {
                for (int i = 0; i < count; i++) {
                    to.putShort((at + i) * Short.BYTES, bfloat16(numbers[i]));
                }
            }
            case INT8, AUTO -> throw new IllegalStateException(type + " is not put number by number");
        }
    }

    /**
     * Writes the rows of one int8 panel: whole numbers from -127 to 127, or these with a bias, and behind all of them the scale of each row and,
     * with four neighbours, what makes up for the shift of x.
     * Rows that come from a file of int8 weights give the file's numbers again.
     *
     * @param numbers rows one after the other, {@code present * columns}
     * @param present rows that there are; the others become zero
     * @param at index in {@code to} of the panel's first byte
     */
    void putInt8(float[] numbers, int from, int present, int columns, ByteBuffer to, int at, String weight) {
        int depth = depth(columns);
        int scales = at + INT8_PANEL * depth;
        for (int r = 0; r < INT8_PANEL; r++) {
            int row = from + r * columns;
            float most = 0;
            for (int c = 0; r < present && c < columns; c++) {
                most = Math.max(most, Math.abs(numbers[row + c]));
            }
            if (!Float.isFinite(most)) {
                throw new DeviceException("weight " + weight + " has the number " + most
                        + ", which int8 cannot hold; choose --compute-type float32");
            }
            float factor = most > VANISHING ? INT8_MOST / most : 0;
            int sum = 0;
            for (int c = 0; c < depth; c++) {
                byte number = r < present && c < columns ? (byte) Math.rint(numbers[row + c] * factor) : 0;
                int stored = biased ? INT8_BIAS + (c % 2 == 0 ? number : -number) : number;
                to.put(at + (c / neighbours * INT8_PANEL + r) * neighbours + c % neighbours, (byte) stored);
                sum += number;
            }
            to.putFloat(scales + r * Float.BYTES, most / INT8_MOST);
            if (corrections()) {
                to.putInt(scales + INT8_PANEL * Float.BYTES + r * Integer.BYTES, -INT8_SHIFT * sum);
            }
        }
    }

    /**
     * Writes the rows of one panel for tiles, rounded to nearest even: to float16, or to bfloat16, and of float32 behind the
     * first halves of a tile what they leave, rounded too.
     *
     * @param numbers rows one after the other, {@code present * columns}
     * @param present rows that there are; the others become zero
     * @param at index in {@code to} of the panel's first byte
     */
    void putTiles(float[] numbers, int from, int present, int columns, ByteBuffer to, int at, String weight) {
        int depth = depth(columns);
        int tile = TILE_PANEL * TILE_COLUMNS * Short.BYTES;
        for (int r = 0; r < TILE_PANEL; r++) {
            int row = from + r * columns;
            for (int c = 0; c < depth; c++) {
                float number = r < present && c < columns ? numbers[row + c] : 0;
                int pair = (c % TILE_COLUMNS / 2 * TILE_PANEL + r) * 2 + c % 2;
                int place = at + c / TILE_COLUMNS * tile * halves() + pair * Short.BYTES;
                short first = type == ComputeType.FLOAT16 ? float16(number, weight) : bfloat16(number);
                to.putShort(place, first);
                if (halves() == 2) {
                    to.putShort(place + tile, bfloat16(number - Float.intBitsToFloat(first << 16)));
                }
            }
        }
    }

    private static short float16(float number, String weight) {
        if (Math.abs(number) > LARGEST_HALF) {
            throw new DeviceException("weight " + weight + " has the number " + number
                    + ", which float16 cannot hold; choose --compute-type bfloat16 or float32");
        }
        return Float.floatToFloat16(number);
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
