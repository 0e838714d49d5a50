// One register tile of linear_int8_cpu.cl: R rows by 16 columns. Taken in once for every R, behind linear_int8_sums.cl.
// Rows from `left` on are not stored.
//
// R: 1 to 6

#ifndef TILE_OF
#define TILE_JOIN(r) tile_##r
#define TILE_OF(r) TILE_JOIN(r)
#endif

void TILE_OF(R)(
    __global const short* x, const int left, const int depth, __global const char* weight, __global const float* scales,
    __global const float* weight_scales, __global float* out, const int n, const int columns, const int activation,
    __global const float* bias, __global const float* residual) {
    int16 sum[R];
    INT8_SUMS(R)(x, left, depth, weight, sum);
    const float16 column_scale = vload16(0, weight_scales);
    #pragma unroll
    for (int i = 0; i < R; i++) {
        if (i < left) {
            int8_end(
                sum[i], column_scale, scales[i], out + (size_t) i * n, columns, activation, bias,
                residual ? residual + (size_t) i * n : 0);
        }
    }
}
