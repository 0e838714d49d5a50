// One register tile of linear_int8_quads.cl: R rows by WIDE panels, all of k, as exact sums of 32 bits. Taken in once for
// every R. Rows from `left` on do not exist: they repeat the last one and are not stored; so do panels from `panels` on.
//
// R: 1 to 12

#ifndef TILE_OF
#define TILE_JOIN(r) tile_##r
#define TILE_OF(r) TILE_JOIN(r)
#endif

void TILE_OF(R)(
    __global const Number* x, const int left, const int depth, __global const char* weight, const int panels,
    const int ahead, const int16* starts, __global const float* scales, __global float* out, const int n, const int columns, const int activation,
    __global const float* bias, __global const float* residual) {
    int16 sum[R][WIDE];
    __global const uint* xs[R];
    __global const char* ws[WIDE];
    #pragma unroll
    for (int p = 0; p < WIDE; p++) {
        ws[p] = weight + min(p, panels - 1) * (size_t) PANEL_BYTES(depth);
#if BIASED
        #pragma unroll
        for (int i = 0; i < R; i++) sum[i][p] = starts[min(i, left - 1) * PANELS + p];
#else
        // What 128 too much in every number of x makes, with its sign turned.
        const int16 correction = vload16(0, (__global const int*) (ws[p] + 16 * depth + 64));
        #pragma unroll
        for (int i = 0; i < R; i++) sum[i][p] = correction;
#endif
    }
    #pragma unroll
    for (int i = 0; i < R; i++) xs[i] = (__global const uint*) (x + (size_t) min(i, left - 1) * ROW_NUMBERS(depth));
    const int steps = depth / 4;
    for (int q = 0; q < steps; q++) {
        int16 w[WIDE];
        #pragma unroll
        for (int p = 0; p < WIDE; p++) {
            ASK_FOR(ws[p] + (q + ahead) * 64);
            w[p] = vload16(q, (__global const int*) ws[p]);
        }
        #pragma unroll
        for (int i = 0; i < R; i++) {
            const uint a = xs[i][q];
            #pragma unroll
            for (int p = 0; p < WIDE; p++) sum[i][p] = dot4(sum[i][p], a, w[p]);
        }
    }
    #pragma unroll
    for (int p = 0; p < WIDE; p++) {
        if (p < panels) {
            const float16 column_scale = vload16(0, (__global const float*) (ws[p] + 16 * depth));
            #pragma unroll
            for (int i = 0; i < R; i++) {
                if (i < left) {
                    int8_end(
                        sum[i][p], column_scale, scales[i], out + (size_t) i * n + p * 16, columns - p * 16, activation,
                        bias ? bias + p * 16 : 0, residual ? residual + (size_t) i * n + p * 16 : 0);
                }
            }
        }
    }
}
