package dev.gyre.tornado;

import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * Operations that touch every element of a row once: work-item (column, row), neighbouring work-items read neighbouring
 * columns. Arrays come with the place at which they begin. {@code rows} is where the run block holds the number of rows.
 *
 * <p>What a kernel writes comes last: where an array is both read and written, TornadoVM waits for itself forever if it
 * sees the write first.
 */
final class RowKernels {

    /** {@code extras}: position rows are added. */
    static final int POSITIONS = 1;

    /** {@code extras}: token type rows are added. */
    static final int TYPES = 2;

    private RowKernels() {}

    static void embed(
            KernelContext context,
            IntArray run,
            int rows,
            int d,
            FloatArray table,
            int packed,
            IntArray ids,
            int idsAt,
            float scale,
            int extras,
            FloatArray positions,
            IntArray positionIds,
            int positionIdsAt,
            FloatArray types,
            IntArray typeIds,
            int typeIdsAt,
            FloatArray out,
            int outAt) {
        int c = context.globalIdx;
        int r = context.globalIdy;
        if (c < d && r < run.get(rows)) {
            int id = ids.get(idsAt + r);
            int at = packed != 0 ? PackedWeight.place(id, c, d, packed) : id * d + c;
            float sum = table.get(at) * scale;
            if ((extras & POSITIONS) != 0) {
                sum += positions.get(positionIds.get(positionIdsAt + r) * d + c);
            }
            if ((extras & TYPES) != 0) {
                sum += types.get(typeIds.get(typeIdsAt + r) * d + c);
            }
            out.set(outAt + r * d + c, sum);
        }
    }

    static void gather(
            KernelContext context,
            IntArray run,
            int rows,
            int d,
            FloatArray x,
            int xAt,
            IntArray from,
            int fromAt,
            FloatArray out,
            int outAt) {
        int c = context.globalIdx;
        int r = context.globalIdy;
        if (c < d && r < run.get(rows)) {
            out.set(outAt + r * d + c, x.get(xAt + from.get(fromAt + r) * d + c));
        }
    }

    static void append(
            KernelContext context,
            IntArray run,
            int rows,
            int count,
            FloatArray source,
            int sourceAt,
            int sourceStride,
            IntArray destination,
            int destinationAt,
            FloatArray cache,
            int cacheStride) {
        int c = context.globalIdx;
        int r = context.globalIdy;
        if (c < count && r < run.get(rows)) {
            cache.set(
                    destination.get(destinationAt + r) * cacheStride + c, source.get(sourceAt + r * sourceStride + c));
        }
    }

    /** Work-item (position, hypothesis). */
    static void advance(
            KernelContext context,
            IntArray run,
            int rows,
            int positions,
            IntArray ancestry,
            IntArray inputs,
            int fromAt,
            int toAt,
            int inheritedAt,
            int lengthAt,
            int slotAt) {
        int p = context.globalIdx;
        int h = context.globalIdy;
        if (p < positions && h < run.get(rows)) {
            int to = inputs.get(toAt + h) * positions + p;
            if (p < inputs.get(inheritedAt + h)) {
                ancestry.set(to, ancestry.get(inputs.get(fromAt + h) * positions + p));
            } else if (p < inputs.get(lengthAt + h)) {
                ancestry.set(to, inputs.get(slotAt + h));
            }
        }
    }

    /** Work-item (pair of columns, row). */
    static void rope(
            KernelContext context,
            IntArray run,
            int rows,
            int heads,
            int size,
            FloatArray x,
            int xAt,
            int xStride,
            FloatArray table,
            IntArray positionIds,
            int positionIdsAt,
            FloatArray out,
            int outAt) {
        int pair = context.globalIdx;
        int r = context.globalIdy;
        int half = size / 2;
        if (pair < heads * half && r < run.get(rows)) {
            int h = pair / half;
            int i = pair - h * half;
            int line = positionIds.get(positionIdsAt + r) * size;
            float cosine = table.get(line + i);
            float sine = table.get(line + half + i);
            int first = h * size + i;
            float a = x.get(xAt + r * xStride + first);
            float b = x.get(xAt + r * xStride + first + half);
            int row = outAt + r * heads * size;
            out.set(row + first, a * cosine - b * sine);
            out.set(row + first + half, b * cosine + a * sine);
        }
    }

    static void gate(
            KernelContext context,
            IntArray run,
            int rows,
            int d,
            FloatArray gate,
            int gateAt,
            int gateStride,
            FloatArray up,
            int upAt,
            int upStride,
            int activation,
            FloatArray out,
            int outAt) {
        int c = context.globalIdx;
        int r = context.globalIdy;
        if (c < d && r < run.get(rows)) {
            float gated = Nonlinear.apply(activation, gate.get(gateAt + r * gateStride + c));
            out.set(outAt + r * d + c, gated * up.get(upAt + r * upStride + c));
        }
    }

    static void activate(
            KernelContext context,
            IntArray run,
            int rows,
            int d,
            FloatArray x,
            int xAt,
            int activation,
            FloatArray out,
            int outAt) {
        int c = context.globalIdx;
        int r = context.globalIdy;
        if (c < d && r < run.get(rows)) {
            out.set(outAt + r * d + c, Nonlinear.apply(activation, x.get(xAt + r * d + c)));
        }
    }

    static void add(
            KernelContext context,
            IntArray run,
            int rows,
            int d,
            FloatArray a,
            int aAt,
            FloatArray b,
            int bAt,
            FloatArray out,
            int outAt) {
        int c = context.globalIdx;
        int r = context.globalIdy;
        if (c < d && r < run.get(rows)) {
            int at = r * d + c;
            out.set(outAt + at, a.get(aAt + at) + b.get(bAt + at));
        }
    }
}
