// The product of linear_int8_cpu.cl for GPU devices, on the same weights: a work-item computes FEW rows of one column,
// neighbouring items neighbouring columns, so that a group reads whole lines of weights.
//
//   global id (column, block of FEW rows), groups of 16 * PANELS columns
//
// FEW: 1 to 16

#ifndef FEW
#define FEW 8
#endif
#ifndef PANELS
#define PANELS 4
#endif

__kernel __attribute__((reqd_work_group_size(16 * PANELS, 1, 1))) void linear_int8(
    RUN, SIZE(rows), const int n, const int depth, OUT(float, out), __global const short* x,
    __global const float* scales, __global const char* weight, IN(float, bias), IN(float, residual), const int extras,
    const int activation) {
    const int rows = LENGTH(rows);
    const int column = (int) get_global_id(0);
    const int first = (int) get_global_id(1) * FEW;
    if (column >= n || first >= rows) return;
    const int left = min(FEW, rows - first);
    weight += (size_t) (column / 16) * PANEL_BYTES(depth);
    __global const char2* w = (__global const char2*) weight + column % 16;
    const float column_scale = ((__global const float*) (weight + 16 * depth))[column % 16];
    __global const short2* xs[FEW];
    int sum[FEW];
    #pragma unroll
    for (int i = 0; i < FEW; i++) {
        xs[i] = (__global const short2*) (x + (size_t) (first + min(i, left - 1)) * depth);
        sum[i] = 0;
    }
    for (int p = 0; p < depth / 2; p++) {
        const int2 pair = convert_int2(w[p * 16]);
        #pragma unroll
        for (int i = 0; i < FEW; i++) {
            const int2 a = convert_int2(xs[i][p]);
            sum[i] += a.x * pair.x + a.y * pair.y;
        }
    }
    __global float* o = ARRAY(out) + (size_t) first * n + column;
    __global const float* r = ARRAY(residual) + (size_t) first * n + column;
    const float b = extras & 1 ? ARRAY(bias)[column] : 0.0f;
    #pragma unroll
    for (int i = 0; i < FEW; i++) {
        if (i < left) {
            const float s = activate1(activation, (float) sum[i] * column_scale * scales[first + i] + b);
            o[(size_t) i * n] = extras & 2 ? s + r[(size_t) i * n] : s;
        }
    }
}
