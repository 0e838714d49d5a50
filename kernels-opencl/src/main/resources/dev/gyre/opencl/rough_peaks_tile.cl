// R rows by a panel of rough_peaks.cl; taken in once for every R. Rows from `left` on do not exist: they repeat the last one
// and are not stored.
//
// R: 1 to 6
// AHEAD: steps of two k, how far ahead weights are asked for

#ifndef ROUGH_TILE
#ifndef AHEAD
#define AHEAD 64
#endif
#define ROUGH_JOIN(r) rough_tile_##r
#define ROUGH_TILE(r) ROUGH_JOIN(r)
#endif

void ROUGH_TILE(R)(
    __global const Number* x, const int left, const int depth, __global const char* weight, __global const float* row_sides,
    __global float* peaks, const int panels) {
    int16 sum[R];
    __global const uint* xs[R];
    #pragma unroll
    for (int i = 0; i < R; i++) {
        const int row = min(i, left - 1);
        xs[i] = (__global const uint*) (x + (size_t) row * depth);
        sum[i] = as_int(row_sides[row * ROUGH_SIDES + 3]);
    }
    const int steps = depth / 4;
    for (int q = 0; q < steps; q++) {
        ASK_FOR(weight + (q + AHEAD / 2) * 64);
        const int16 w = vload16(q, (__global const int*) weight);
        #pragma unroll
        for (int i = 0; i < R; i++) sum[i] = dot4(sum[i], xs[i][q], w);
    }
    __global const float* sides = (__global const float*) (weight + 16 * depth);
    const float16 scale = vload16(0, sides);
    const float16 bias = vload16(1, sides);
    const float16 off = vload16(2, sides);
    const float16 length = vload16(3, sides);
    #pragma unroll
    for (int i = 0; i < R; i++) {
        if (i < left) {
            __global const float* row = row_sides + i * ROUGH_SIDES;
            const float16 v = convert_float16(sum[i]) * scale * row[0] + bias + (off * row[1] + length * row[2]);
            // What is not a number may be anything.
            const float16 high = v == v ? v : (float16) INFINITY;
            const float8 a = high.lo < high.hi ? high.hi : high.lo;
            const float4 b = a.lo < a.hi ? a.hi : a.lo;
            const float2 c = b.lo < b.hi ? b.hi : b.lo;
            peaks[(size_t) i * panels] = c.x < c.y ? c.y : c.x;
        }
    }
}
