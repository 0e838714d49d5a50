// Operations that touch every element of a row once: embed, gather, append, ancestry, rope, gate, activate, add.
//
//   global id (lane, row);  LANES lanes share one row, lane l takes columns l, l + LANES, ...
//
// LANES: 1 on CPUs, where the compiler vectorises the loop of one work-item over contiguous columns;
//        32 to 256 on GPUs, where neighbouring work-items read neighbouring columns.
// PANEL: columns of a panel of packed weights, 16 to 256 (see linear_cpu.cl).

#ifndef LANES
#define LANES 1
#endif
#ifndef PANEL
#define PANEL 64
#endif

#if LANES == 1
#define EACH(c, n) for (int c = 0; c < (n); c++)
#else
#define EACH(c, n) for (int c = (int) get_local_id(0); c < (n); c += LANES)
#endif
#define KERNEL KERNEL_OF(LANES)
#define ROW ITEM(1)

// out[r] = table[ids[r]] * scale + positions[positionIds[r]] + types[typeIds[r]]
// table: rows of d in float32, or, where a product uses it too, its panels as they are stored.
KERNEL embed(
    RUN, SIZE(rows), const int d, OUT(float, out), IN(float, table), const int packed,
    IN(int, ids), const float scale, const int extras,
    IN(float, positions), IN(int, position_ids), IN(float, types), IN(int, type_ids)) {
    const int r = ROW;
    if (r >= LENGTH(rows)) return;
    __global float* restrict out = ARRAY(out) + (size_t) r * d;
    const size_t id = ARRAY(ids)[r];
#if WEIGHTS == 3
    if (packed) {
        const int depth = STORED_DEPTH(d);
        __global const char* t = (__global const char*) table_buffer + id / 16 * PANEL_BYTES(depth);
        const float row_scale = ((__global const float*) (t + 16 * depth))[id % 16];
        t += id % 16 * NEIGHBOURS;
        EACH(c, d) {
            out[c] = STORED_NUMBER(t[c / NEIGHBOURS * 16 * NEIGHBOURS + c % NEIGHBOURS], c) * row_scale * scale;
        }
    } else {
#elif WEIGHTS >= 4
    if (packed) {
        __global const Stored* t = (__global const Stored*) table_buffer + id / 16 * PANEL_HALVES(STORED_DEPTH(d));
        const int column = id % 16;
        EACH(c, d) out[c] = PAIRED(t + PAIRED_AT(column, c)) * scale;
    } else {
#else
    if (packed) {
        __global const Stored* restrict t =
            (__global const Stored*) table_buffer + TORNADO_HEADER / sizeof(Stored) + id / PANEL * ((size_t) d * PANEL) + id % PANEL;
        EACH(c, d) out[c] = WEIGHT((size_t) c * PANEL, t) * scale;
    } else {
#endif
        __global const float* restrict t = ARRAY(table) + id * d;
        EACH(c, d) out[c] = t[c] * scale;
    }
    if (extras & 1) {
        __global const float* restrict p = ARRAY(positions) + (size_t) ARRAY(position_ids)[r] * d;
        EACH(c, d) out[c] += p[c];
    }
    if (extras & 2) {
        __global const float* restrict t = ARRAY(types) + (size_t) ARRAY(type_ids)[r] * d;
        EACH(c, d) out[c] += t[c];
    }
}

// out[r] = x[from[r]]
KERNEL gather(
    RUN, SIZE(rows), const int d, OUT(float, out), IN(float, x), IN(int, from)) {
    const int r = ROW;
    if (r >= LENGTH(rows)) return;
    __global float* restrict out = ARRAY(out) + (size_t) r * d;
    __global const float* restrict x = ARRAY(x) + (size_t) ARRAY(from)[r] * d;
    EACH(c, d) out[c] = x[c];
}

// cache[destination[r]] = the columns of source[r]
KERNEL append(
    RUN, SIZE(rows), const int count, OUT(float, cache), const int cache_stride,
    IN(float, source), const int source_stride, IN(int, destination)) {
    const int r = ROW;
    if (r >= LENGTH(rows)) return;
    __global float* restrict cache = ARRAY(cache) + (size_t) ARRAY(destination)[r] * cache_stride;
    __global const float* restrict source = ARRAY(source) + (size_t) r * source_stride;
    EACH(c, count) cache[c] = source[c];
}

// ancestry[to[h]]: positions below inherited[h] from line from[h], up to length[h] the slot itself
KERNEL advance(
    RUN, SIZE(rows), const int positions, OUT(int, ancestry),
    IN(int, from), IN(int, to), IN(int, inherited), IN(int, length), IN(int, slot)) {
    const int h = ROW;
    if (h >= LENGTH(rows)) return;
    const int f = ARRAY(from)[h];
    const int t = ARRAY(to)[h];
    const int own = ARRAY(inherited)[h];
    const int end = ARRAY(length)[h];
    const int s = ARRAY(slot)[h];
    __global int* line = ARRAY(ancestry) + (size_t) t * positions;
    if (f != t) {
        __global const int* source = ARRAY(ancestry) + (size_t) f * positions;
        EACH(p, own) line[p] = source[p];
    }
    EACH(p, end) if (p >= own) line[p] = s;
}

// Rotary positions, halves layout; table row: size/2 cosines, then as many sines.
KERNEL rope(
    RUN, SIZE(rows), const int heads, const int size, OUT(float, out),
    IN(float, x), const int x_stride, IN(float, table), IN(int, position_ids)) {
    const int r = ROW;
    if (r >= LENGTH(rows)) return;
    const int half_size = size / 2;
    __global float* restrict out = ARRAY(out) + (size_t) r * heads * size;
    __global const float* restrict x = ARRAY(x) + (size_t) r * x_stride;
    __global const float* restrict cosines = ARRAY(table) + (size_t) ARRAY(position_ids)[r] * size;
    __global const float* restrict sines = cosines + half_size;
    for (int h = 0; h < heads; h++) {
        EACH(i, half_size) {
            const float a = x[h * size + i];
            const float b = x[h * size + half_size + i];
            out[h * size + i] = a * cosines[i] - b * sines[i];
            out[h * size + half_size + i] = b * cosines[i] + a * sines[i];
        }
    }
}

// out = activation(gate) * up
KERNEL gated(
    RUN, SIZE(rows), const int d, OUT(float, out), IN(float, gate), const int gate_stride,
    IN(float, up), const int up_stride, const int activation) {
    const int r = ROW;
    if (r >= LENGTH(rows)) return;
    __global float* restrict out = ARRAY(out) + (size_t) r * d;
    __global const float* restrict gate = ARRAY(gate) + (size_t) r * gate_stride;
    __global const float* restrict up = ARRAY(up) + (size_t) r * up_stride;
    EACH(c, d) out[c] = activate1(activation, gate[c]) * up[c];
}

KERNEL activate(
    RUN, SIZE(rows), const int d, OUT(float, out), IN(float, x), const int activation) {
    const int r = ROW;
    if (r >= LENGTH(rows)) return;
    __global float* restrict out = ARRAY(out) + (size_t) r * d;
    __global const float* restrict x = ARRAY(x) + (size_t) r * d;
    EACH(c, d) out[c] = activate1(activation, x[c]);
}

KERNEL add(
    RUN, SIZE(rows), const int d, OUT(float, out), IN(float, a), IN(float, b)) {
    const int r = ROW;
    if (r >= LENGTH(rows)) return;
    __global float* restrict out = ARRAY(out) + (size_t) r * d;
    __global const float* restrict a = ARRAY(a) + (size_t) r * d;
    __global const float* restrict b = ARRAY(b) + (size_t) r * d;
    EACH(c, d) out[c] = a[c] + b[c];
}
