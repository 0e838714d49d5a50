// out = activation(x Wt + bias) + residual for CPU devices: one work-item computes ROWS rows by one panel.
//
//                      PANEL columns                    weights, packed:  [panel][k][PANEL]
//               +--------+--------+----                 one step of k is PANEL neighbouring floats,
//     BLOCK rows| item 0 | item b |                     the last panel filled up with zeros
//               +--------+--------+                     x: [rows][k]     out: [rows][n]
//               | item 1 |  ...   |
//
// No local memory, no barriers; neighbouring items share a panel, which stays in the second-level cache while the rows
// pass by. Where that cache is small, an item can take more rows (BLOCK) and go over K in steps of DEPTH, so that
// DEPTH x PANEL weights stay near; the sums of a tile rest in `out` meanwhile. Every element is one chain of fma over
// ascending k, whatever tile it falls into.
//
// PANEL: 16, 32, 48 or 64, a multiple of the 16 lanes; 64 suits 32 registers of 16 floats
// TILE:  4 to 14 rows of a register tile; TILE * PANEL / lanes accumulators must leave registers free
// BLOCK: rows of one work-item, 1 to 1024
// DEPTH: 32 to 65536 steps of k at a time, if BLOCK is larger than TILE
//
// PREFETCH: see prefetch.cl
// ROW_PANELS: panels of a work-item where there is a single row, 1 to 4, see linear_cpu_row.cl
// AHEAD: 8 to 512 steps of k, how far ahead a single item asks
//
// Measured on PoCL 3.1, two cores of a Xeon with AVX-512 and 2 MiB of second-level cache each, next to other work, best
// of 40 to 100, GFLOP/s: 768x512x512 6x64 428, 12x32 about 6 % less; in busier moments, side by side, 6x64 296,
// 8x48 281, 12x32 272, 14x32 234, and 6x64 in blocks of 96 rows and steps of 128: 279. 32x2048x512 with weights beyond
// the caches: 6x64 372, 12x32 393; in bfloat16 312 and 342.

#ifndef PANEL
#define PANEL 64
#endif
#ifndef TILE
#define TILE 6
#endif
#ifndef BLOCK
#define BLOCK 6
#endif
#ifndef DEPTH
#define DEPTH 4096
#endif

#ifndef FINISH
#define FINISH
// What follows the sums of one row of a panel. The elements of a cut panel pass through the same vectors.
void finish(
    __global float* out, const int columns, const int activation, __global const float* bias,
    __global const float* residual) {
    for (int c = 0; c < columns; c += 16) {
        float lanes[16];
        const int many = min(16, columns - c);
        for (int i = 0; i < many; i++) lanes[i] = out[c + i];
        float16 s = many == 16 ? vload16(0, out + c) : vload16(0, lanes);
        if (bias) s += vload16(0, bias + c);
        if (activation) s = activate16(activation, s);
        if (many == 16) {
            if (residual) s += vload16(0, residual + c);
            vstore16(s, 0, out + c);
        } else {
            vstore16(s, 0, lanes);
            for (int i = 0; i < many; i++) out[c + i] = residual ? lanes[i] + residual[c + i] : lanes[i];
        }
    }
}
#endif

#ifndef ROW_PANELS
#define ROW_PANELS 1
#endif
#ifndef AHEAD
#define AHEAD 64
#endif

// global id: panel * blocks + block; for a single row, group of ROW_PANELS panels
SINGLE linear(
    RUN, SIZE(rows), const int n, const int k, OUT(float, out), IN(float, x), IN(Stored, weight),
    IN(float, bias), IN(float, residual), const int extras, const int activation) {
    const int rows = LENGTH(rows);
#if ROW_PANELS > 1
    if (rows == 1) {
        const int from = ITEM(0) * ROW_PANELS * PANEL;
        if (from >= n) return;
        const int wide = min(ROW_PANELS * PANEL, n - from);
        __global const Stored* w = ARRAY(weight) + (size_t) from * k;
        __global float* o = ARRAY(out) + from;
        if ((wide + PANEL - 1) / PANEL == ROW_PANELS) {
            TILE_OF(row)(ARRAY(x), k, w, o, wide, min(k, AHEAD) * PANEL);
        } else {
            for (int c = 0; c < wide; c += PANEL) {
                TILE_OF(1)(ARRAY(x), 1, k, 0, k, w + (size_t) c * k, o + c, n, min(PANEL, wide - c), w + (size_t) c * k, 1, 0, 0, 0);
            }
        }
        if (extras || activation) {
            finish(
                o, wide, activation, extras & 1 ? ARRAY(bias) + from : 0, extras & 2 ? ARRAY(residual) + from : 0);
        }
        return;
    }
#endif
    const int blocks = max(1, (rows + BLOCK - 1) / BLOCK);
    const int panel = ITEM(0) / blocks;
    const int block = ITEM(0) - panel * blocks;
    int first = block * BLOCK;
    const int column = panel * PANEL;
    if (column >= n) return;
    int end = min(rows, first + BLOCK);
#if TILE == 6 && BLOCK == 6
    // One or two rows at the end take two from the block before: two tiles of four are faster than one of six and one
    // of two.
    const int last = rows - (blocks - 1) * BLOCK;
    if (blocks > 1 && last <= 2) {
        if (block == blocks - 2) end -= 2;
        if (block == blocks - 1) first -= 2;
    }
#endif
    const int columns = min(PANEL, n - column);
    __global const float* x = ARRAY(x);
    __global const Stored* weight = ARRAY(weight) + (size_t) panel * k * PANEL;
    __global float* out = ARRAY(out) + column;
    // The simple things follow the sums while they are in registers.
    const int separate = activation > RELU;
    const int relu = activation == RELU;
    __global const float* bias = extras & 1 && !separate ? ARRAY(bias) + column : 0;
    __global const float* residual = extras & 2 && !separate ? ARRAY(residual) + column : 0;
    // Together the items of a panel ask for the whole next one while they compute; a single item, for what comes soon.
    const int every = blocks;
    __global const Stored* ahead =
        weight + (size_t) (blocks == 1 ? min(k, AHEAD) : k + block * (k / blocks)) * PANEL;
    // The sums of a panel that is cut off cannot be taken up again with whole vectors.
    const int depth = columns < PANEL || end - first <= TILE ? k : DEPTH;
    for (int from = 0; from < k; from += depth) {
        const int to = min(k, from + depth);
        for (int r = first; r < end;) {
            const int left = end - r;
            __global const float* xr = x + (size_t) r * k;
            __global float* o = out + (size_t) r * n;
            __global const float* s = residual ? residual + (size_t) r * n : 0;
            if (left > (TILE > 8 ? 8 : 4)) {
                TILE_OF(TILE)(xr, left, k, from, to, weight, o, n, columns, ahead, every, bias, relu, s);
                r += TILE;
#if TILE > 8
            } else if (left > 4) {
                TILE_OF(8)(xr, left, k, from, to, weight, o, n, columns, ahead, every, bias, relu, s);
                r += 8;
#endif
            } else if (left > 2) {
                TILE_OF(4)(xr, left, k, from, to, weight, o, n, columns, ahead, every, bias, relu, s);
                r += 4;
            } else if (left == 2) {
                TILE_OF(2)(xr, left, k, from, to, weight, o, n, columns, ahead, every, bias, relu, s);
                r += 2;
            } else {
                TILE_OF(1)(xr, left, k, from, to, weight, o, n, columns, ahead, every, bias, relu, s);
                r += 1;
            }
        }
    }
    if (separate) {
        for (int r = first; r < end; r++) {
            finish(
                out + (size_t) r * n, columns, activation, extras & 1 ? ARRAY(bias) + column : 0,
                extras & 2 ? ARRAY(residual) + column + (size_t) r * n : 0);
        }
    }
}
