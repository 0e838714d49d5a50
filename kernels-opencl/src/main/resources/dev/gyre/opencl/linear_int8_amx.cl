// The product of linear_int8_quads.cl, on the same numbers, by tiles: a work-item computes 32 rows by 2 panels, as four
// tiles of sums from two of x and two of weights, which lie in a panel as a tile takes them.
//
// Rows behind the last one are multiplied like others and not stored: `x` has room for a multiple of 32. Where at most 16
// are left, their half is left out.
//
// global id: pair of panels * blocks + block of 32 rows

SINGLE linear_int8_tiles(
    RUN, SIZE(rows), const int n, const int depth, OUT(float, out), __global const uchar* x,
    __global const float* scales, __global const char* weight, IN(float, bias), IN(float, residual), const int extras,
    const int activation) {
    const int rows = LENGTH(rows);
    const int blocks = max(1, (rows + 31) / 32);
    const int pair = ITEM(0) / blocks;
    const int first = (ITEM(0) - pair * blocks) * 32;
    const int left = min(32, rows - first);
    const int column = pair * 32;
    const int panels = min(2, (n - column + 15) / 16);
    if (left > 0) {
        __global const uchar* xs = x + (size_t) first * depth;
        __global const char* w0 = weight + (size_t) pair * 2 * PANEL_BYTES(depth);
        __global const char* w1 = w0 + (panels - 1) * (size_t) PANEL_BYTES(depth);
        TILES;
        TILE_CONFIGURE();
        TILE_ZERO(0);
        TILE_ZERO(1);
        TILE_ZERO(2);
        TILE_ZERO(3);
        for (int k = 0; k < depth; k += 64) {
            TILE_LOAD(4, xs + k, depth);
            TILE_LOAD(6, w0 + (size_t) k * 16, 64);
            TILE_LOAD(7, w1 + (size_t) k * 16, 64);
            TILE_DOT(0, 4, 6);
            TILE_DOT(1, 4, 7);
            if (left > 16) {
                TILE_LOAD(5, xs + (size_t) 16 * depth + k, depth);
                TILE_DOT(2, 5, 6);
                TILE_DOT(3, 5, 7);
            }
        }
        int sums[32][32];
        TILE_STORE(0, &sums[0][0], 128);
        TILE_STORE(1, &sums[0][16], 128);
        TILE_STORE(2, &sums[16][0], 128);
        TILE_STORE(3, &sums[16][16], 128);
        TILE_RELEASE();
        __global float* o = ARRAY(out) + (size_t) first * n + column;
        __global const float* b = extras & 1 ? ARRAY(bias) + column : 0;
        __global const float* r = extras & 2 ? ARRAY(residual) + (size_t) first * n + column : 0;
        for (int p = 0; p < panels; p++) {
            __global const char* end = (p == 0 ? w0 : w1) + 16 * depth;
            const float16 column_scale = vload16(0, (__global const float*) end);
            const int16 correction = vload16(1, (__global const int*) end);
            for (int i = 0; i < left; i++) {
                int8_end(
                    vload16(p, sums[i]) + correction, column_scale, scales[first + i], o + (size_t) i * n + p * 16,
                    n - column - p * 16, activation, b ? b + p * 16 : 0, r ? r + (size_t) i * n + p * 16 : 0);
            }
        }
    }
}
