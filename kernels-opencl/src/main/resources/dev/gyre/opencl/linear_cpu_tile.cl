// One register tile of linear_cpu.cl: R rows by PANEL columns, k from `from` to `to`; the source is taken in once for
// every R. Rows from `left` on do not exist: they repeat the last one and are not stored.
//
// R: 1 to 8

#ifndef TILE_OF
#define TILE_JOIN(r) tile_##r
#define TILE_OF(r) TILE_JOIN(r)
#define VECTORS (PANEL / 16)
#endif

void TILE_OF(R)(
    __global const float* x, const int left, const int k, const int from, const int to, __global const float* weight,
    __global float* out, __global const float* bias, __global const float* residual, const int n, const int columns,
    const int activation) {
    float16 sum[R][VECTORS];
    __global const float* xs[R];
    #pragma unroll
    for (int i = 0; i < R; i++) {
        xs[i] = x + (size_t) min(i, left - 1) * k;
        #pragma unroll
        for (int v = 0; v < VECTORS; v++) {
            sum[i][v] = from == 0 ? (float16) 0.0f : vload16(v, out + (size_t) min(i, left - 1) * n);
        }
    }
    for (int kk = from; kk < to; kk++) {
        float16 w[VECTORS];
        #pragma unroll
        for (int v = 0; v < VECTORS; v++) w[v] = vload16(v, weight + (size_t) kk * PANEL);
        #pragma unroll
        for (int i = 0; i < R; i++) {
            const float16 a = (float16) xs[i][kk];
            #pragma unroll
            for (int v = 0; v < VECTORS; v++) sum[i][v] = fma(a, w[v], sum[i][v]);
        }
    }
    #pragma unroll
    for (int i = 0; i < R; i++) {
        if (i < left) {
            #pragma unroll
            for (int v = 0; v < VECTORS; v++) {
                float16 s = sum[i][v];
                if (to == k) {
                    if (bias) s += vload16(v, bias);
                    if (activation) s = activate16(activation, s);
                }
                if ((v + 1) * 16 <= columns) {
                    if (residual && to == k) s += vload16(v, residual + (size_t) i * n);
                    vstore16(s, v, out + (size_t) i * n);
                } else {
                    float lanes[16];
                    vstore16(s, 0, lanes);
                    for (int c = v * 16; c < columns; c++) {
                        const size_t at = (size_t) i * n + c;
                        out[at] = residual ? lanes[c - v * 16] + residual[at] : lanes[c - v * 16];
                    }
                }
            }
        }
    }
}
