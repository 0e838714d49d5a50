// out = activation(x Wt + bias) + residual by tiles of bfloat16 (see tiles.cl), for any number of rows: a work-item computes
// 32 rows by 2 panels, as four tiles of sums from two of x and two of weights. An element is the same sum in the same order
// whatever rows it is computed together with.
//
//   weights, a panel of 16 columns:  | 32 of k: first halves | the same 32: second halves | next 32 ... |
//     halves of 32 k: [16 pairs of k][16 columns][2 neighbours], a tile as it is
//   depth: k, filled up with zeros to a multiple of 32; the last panel likewise
//   x: rows as bfloat16_rows.cl makes them
//
// HALVES: 1 for bfloat16: x and weights are rounded to it, products are exact, sums float32
//         2 for float32: x = a + b and w = c + d in halves, and the product is b c + a c + a d. What is left out, and what the
//         halves leave, is at most 3 * 2^-16 of each |x w|.
//
// Rows behind the last one are multiplied like others and not stored: `x` has room for a multiple of 32. Where at most 16
// are left, their half is left out.
//
// global id: pair of panels * blocks + block of 32 rows

// Of a part of a panel only `columns` exist.
void bfloat16_end(
    const float16 sum, __global float* out, const int columns, const int activation, __global const float* bias,
    __global const float* residual) {
    float16 s = sum;
    if (columns >= 16) {
        if (bias) s += vload16(0, bias);
        if (activation) s = activate16(activation, s);
        if (residual) s += vload16(0, residual);
        vstore16(s, 0, out);
    } else {
        float lanes[16];
        for (int c = 0; c < 16; c++) lanes[c] = bias && c < columns ? bias[c] : 0.0f;
        s += vload16(0, lanes);
        if (activation) s = activate16(activation, s);
        vstore16(s, 0, lanes);
        for (int c = 0; c < columns; c++) out[c] = residual ? lanes[c] + residual[c] : lanes[c];
    }
}

#define TILES_OF_X(which) \
    TILE_LOAD(4, x0 + (size_t) step * 64 * HALVES + (which) * 64, stride); \
    if (left > 16) TILE_LOAD(5, x1 + (size_t) step * 64 * HALVES + (which) * 64, stride)
#define TILES_OF_WEIGHTS(which) \
    TILE_LOAD(6, w0 + (size_t) step * 1024 * HALVES + (which) * 1024, 64); \
    TILE_LOAD(7, w1 + (size_t) step * 1024 * HALVES + (which) * 1024, 64)
#define FOUR_TILES \
    TILE_DOT_BFLOAT16(0, 4, 6); \
    TILE_DOT_BFLOAT16(1, 4, 7); \
    if (left > 16) { \
        TILE_DOT_BFLOAT16(2, 5, 6); \
        TILE_DOT_BFLOAT16(3, 5, 7); \
    }

SINGLE linear_bfloat16_tiles(
    RUN, SIZE(rows), const int n, const int depth, OUT(float, out), __global const char* x, __global const char* weight,
    IN(float, bias), IN(float, residual), const int extras, const int activation) {
    const int rows = LENGTH(rows);
    const int blocks = max(1, (rows + 31) / 32);
    const int pair = ITEM(0) / blocks;
    const int first = (ITEM(0) - pair * blocks) * 32;
    const int left = min(32, rows - first);
    const int column = pair * 32;
    const int panels = min(2, (n - column + 15) / 16);
    if (left > 0) {
        const size_t stride = (size_t) depth * HALVES * 2;
        const size_t panel = (size_t) PANEL_HALVES(depth) * 2;
        __global const char* x0 = x + first * stride;
        __global const char* x1 = x0 + 16 * stride;
        __global const char* w0 = weight + (size_t) pair * 2 * panel;
        __global const char* w1 = w0 + (panels - 1) * panel;
        TILES;
        TILE_CONFIGURE();
        TILE_ZERO(0);
        TILE_ZERO(1);
        TILE_ZERO(2);
        TILE_ZERO(3);
        for (int step = 0; step < depth / 32; step++) {
#if HALVES == 2
            TILES_OF_X(1);
            TILES_OF_WEIGHTS(0);
            FOUR_TILES
            TILES_OF_X(0);
            FOUR_TILES
            TILES_OF_WEIGHTS(1);
            FOUR_TILES
#else
            TILES_OF_X(0);
            TILES_OF_WEIGHTS(0);
            FOUR_TILES
#endif
        }
        float sums[32][32];
        TILE_STORE(0, &sums[0][0], 128);
        TILE_STORE(1, &sums[0][16], 128);
        TILE_STORE(2, &sums[16][0], 128);
        TILE_STORE(3, &sums[16][16], 128);
        TILE_RELEASE();
        __global float* o = ARRAY(out) + (size_t) first * n + column;
        __global const float* b = extras & 1 ? ARRAY(bias) + column : 0;
        __global const float* r = extras & 2 ? ARRAY(residual) + (size_t) first * n + column : 0;
        for (int p = 0; p < panels; p++) {
            for (int i = 0; i < left; i++) {
                bfloat16_end(
                    vload16(p, sums[i]), o + (size_t) i * n + p * 16, n - column - p * 16, activation, b ? b + p * 16 : 0,
                    r ? r + (size_t) i * n + p * 16 : 0);
            }
        }
    }
}
