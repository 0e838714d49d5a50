// One register tile of linear_cpu.cl: adds steps `from` to `to` of k to R rows by PANEL columns of `out`; from step 0
// it starts with zero. This file is taken in once for every R. Rows from `left` on do not exist: they repeat the last
// one and are not stored. After the last step comes what is to follow the sums: bias, the larger of them and zero,
// residual; what is 0 is not there. Every `every` steps it asks for the PANEL weights at `ahead`, which a later item will read.
//
// A tile that asks in another way is another function, as both may stand in one program.
//
// R: 1 to 14

#ifndef TILE_OF
#define TILE_NAME(r, prefetch) tile_##r##_##prefetch
#define TILE_JOIN(r, prefetch) TILE_NAME(r, prefetch)
#define TILE_OF(r) TILE_JOIN(r, PREFETCH)
#define VECTORS (PANEL / 16)
#endif

void TILE_OF(R)(
    __global const float* x, const int left, const int k, const int from, const int to, __global const Stored* weight,
    __global float* out, const int n, const int columns, __global const Stored* ahead, const int every,
    __global const float* bias, const int relu, __global const float* residual) {
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
    for (int kk = from; kk < to;) {
        #pragma unroll
        for (int line = 0; line < PANEL * (int) sizeof(Stored) / 64; line++) ASK_FOR(ahead + line * 64 / sizeof(Stored));
        ahead += PANEL;
        for (const int until = min(to, kk + every); kk < until; kk++) {
            float16 w[VECTORS];
            #pragma unroll
            for (int v = 0; v < VECTORS; v++) w[v] = WEIGHT16(v, weight + (size_t) kk * PANEL);
            #pragma unroll
            for (int i = 0; i < R; i++) {
                const float16 a = (float16) xs[i][kk];
                #pragma unroll
                for (int v = 0; v < VECTORS; v++) sum[i][v] = fma(a, w[v], sum[i][v]);
            }
        }
    }
    if (to == k && bias) {
        #pragma unroll
        for (int v = 0; v < VECTORS; v++) {
            const float16 b = vload16(v, bias);
            #pragma unroll
            for (int i = 0; i < R; i++) sum[i][v] += b;
        }
    }
    if (to == k && relu) {
        #pragma unroll
        for (int i = 0; i < R; i++) {
            #pragma unroll
            for (int v = 0; v < VECTORS; v++) sum[i][v] = sum[i][v] < 0.0f ? (float16) 0.0f : sum[i][v];
        }
    }
    const int rest = to == k && residual;
    if (columns == PANEL) {
        #pragma unroll
        for (int i = 0; i < R; i++) {
            if (i < left) {
                #pragma unroll
                for (int v = 0; v < VECTORS; v++) {
                    if (rest) sum[i][v] += vload16(v, residual + (size_t) i * n);
                    vstore16(sum[i][v], v, out + (size_t) i * n);
                }
            }
        }
    } else {
        float lanes[R][PANEL];
        #pragma unroll
        for (int i = 0; i < R; i++) {
            #pragma unroll
            for (int v = 0; v < VECTORS; v++) vstore16(sum[i][v], v, lanes[i]);
        }
        for (int i = 0; i < min(R, left); i++) {
            for (int c = 0; c < columns; c++) {
                out[(size_t) i * n + c] = rest ? lanes[i][c] + residual[(size_t) i * n + c] : lanes[i][c];
            }
        }
    }
}
