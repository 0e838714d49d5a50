// A single row by ROW_PANELS panels of linear_cpu.cl. One panel of 16 columns is two chains of fma with eight lanes, and
// each waits for its last result; more of them, and as many streams of weights, come closer to what memory gives.
//
// ROW_PANELS: 2 to 4

void TILE_JOIN(row, PREFETCH)(
    __global const float* x, const int k, __global const Stored* weight, __global float* out, const int columns,
    const int far) {
    float16 sum[ROW_PANELS][VECTORS];
    #pragma unroll
    for (int p = 0; p < ROW_PANELS; p++) {
        #pragma unroll
        for (int v = 0; v < VECTORS; v++) sum[p][v] = (float16) 0.0f;
    }
    for (int kk = 0; kk < k; kk++) {
        const float16 a = (float16) x[kk];
        #pragma unroll
        for (int p = 0; p < ROW_PANELS; p++) {
            __global const Stored* w = weight + ((size_t) p * k + kk) * PANEL;
            #pragma unroll
            for (int line = 0; line < PANEL * (int) sizeof(Stored) / 32; line += 2) {
                ASK_FOR(w + far + line * 32 / sizeof(Stored));
            }
            #pragma unroll
            for (int v = 0; v < VECTORS; v++) sum[p][v] = fma(a, WEIGHT16(v, w), sum[p][v]);
        }
    }
    float lanes[ROW_PANELS * PANEL];
    #pragma unroll
    for (int p = 0; p < ROW_PANELS; p++) {
        #pragma unroll
        for (int v = 0; v < VECTORS; v++) vstore16(sum[p][v], p * VECTORS + v, lanes);
    }
    if (columns >= ROW_PANELS * PANEL) {
        #pragma unroll
        for (int v = 0; v < ROW_PANELS * VECTORS; v++) vstore16(vload16(v, lanes), v, out);
    } else {
        for (int c = 0; c < columns; c++) out[c] = lanes[c];
    }
}
