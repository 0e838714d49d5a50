// The product of linear_int8_gpu.cl by products of four bytes (see dp4a.cl), to the bit what that one gives.
//
//   weights: four neighbours of k together, as in linear_int8_quads.cl, whose corrections are not needed here
//   depth: k, filled up with zeros to a multiple of 64
//   x: rows of `depth` bytes with a sign, see quantize.cl
//
// linear_int8: 16 x 16 work-items compute 64 rows by 4 panels, each 4 x 4 elements. Tiles of 64 of k in local memory are
// there twice, as in linear_gpu.cl: while one is multiplied, the next is on its way.
//
// linear_int8_few: a work-item computes FEW rows of one column, neighbouring items neighbouring columns.
//
// FEW: 1 to 16

// What follows an exact sum, in the order of linear_int8_end.cl.
float dp4a_end(
    const int sum, const float column_scale, const float scale, const int activation, const float bias,
    __global const float* residual, const size_t at) {
    const float s = activate1(activation, (float) sum * column_scale * scale + bias);
    return residual ? s + residual[at] : s;
}

float scale_of(__global const char* weight, const int depth, const int column) {
    return ((__global const float*) (weight + (size_t) (column / 16) * PANEL_BYTES(depth) + 16 * depth))[column % 16];
}

// local (16, 16); group (4 panels, block of 64 rows)
__kernel __attribute__((reqd_work_group_size(16, 16, 1))) void linear_int8(
    RUN, SIZE(rows), const int n, const int depth, OUT(float, out), __global const char* x,
    __global const float* scales, __global const char* weight, IN(float, bias), IN(float, residual), const int extras,
    const int activation) {
    __local int xs[2][16][68] __attribute__((aligned(16)));
    __local int ws[2][16][64] __attribute__((aligned(16)));
    const int rows = LENGTH(rows);
    const int tn = (int) get_local_id(0);
    const int tm = (int) get_local_id(1);
    const int thread = tm * 16 + tn;
    const int column = (int) get_group_id(0) * 64;
    const int first = (int) get_group_id(1) * 64;
    // What this work-item loads of a tile: 16 of k of a row, and of 4 columns four of k each.
    const int x_row = thread / 4;
    const int w_panel = column / 16 + thread / 64;
    const int x_there = first + x_row < rows;
    const int w_there = w_panel * 16 < n;
    __global const int4* x_from = (__global const int4*) (x + (size_t) (first + x_row) * depth) + thread % 4;
    __global const int4* w_from = (__global const int4*) (weight + (size_t) w_panel * PANEL_BYTES(depth)) + thread % 64;
    int sum[4][4];
    #pragma unroll
    for (int i = 0; i < 4; i++) {
        #pragma unroll
        for (int j = 0; j < 4; j++) sum[i][j] = 0;
    }
    // In turn `now` and `1 - now` are multiplied and filled; before the first only the filling.
    for (int from = -64, now = 1; from < depth; from += 64, now = 1 - now) {
        const int next = from + 64;
        int4 x_ahead = 0;
        int4 w_ahead = 0;
        if (next < depth) {
            if (x_there) x_ahead = x_from[next / 16];
            if (w_there) w_ahead = w_from[next];
        }
        if (from >= 0) {
            #pragma unroll
            for (int q = 0; q < 16; q++) {
                int a[4];
                int b[4];
                vstore4(*(__local const int4*) &xs[now][q][tm * 4], 0, a);
                vstore4(*(__local const int4*) &ws[now][q][tn * 4], 0, b);
                #pragma unroll
                for (int i = 0; i < 4; i++) {
                    #pragma unroll
                    for (int j = 0; j < 4; j++) sum[i][j] = dp4a(sum[i][j], a[i], b[j]);
                }
            }
        }
        if (next < depth) {
            __local int* to = &xs[1 - now][thread % 4 * 4][x_row];
            to[0] = x_ahead.x;
            to[68] = x_ahead.y;
            to[2 * 68] = x_ahead.z;
            to[3 * 68] = x_ahead.w;
            *(__local int4*) &ws[1 - now][thread % 64 / 4][thread / 64 * 16 + thread % 4 * 4] = w_ahead;
        }
        barrier(CLK_LOCAL_MEM_FENCE);
    }
    __global float* out = ARRAY(out);
    __global const float* bias = ARRAY(bias);
    __global const float* residual = extras & 2 ? ARRAY(residual) : 0;
    #pragma unroll 1
    for (int i = 0; i < 4; i++) {
        const int row = first + tm * 4 + i;
        #pragma unroll
        for (int j = 0; j < 4; j++) {
            const int c = column + tn * 4 + j;
            if (row < rows && c < n) {
                const size_t at = (size_t) row * n + c;
                out[at] = dp4a_end(
                    sum[0][j], scale_of(weight, depth, c), scales[row], activation, extras & 1 ? bias[c] : 0.0f, residual,
                    at);
            }
            #pragma unroll
            for (int up = 1; up < 4; up++) sum[up - 1][j] = sum[up][j];
        }
    }
}

// local (64); group (4 panels, block of FEW rows)
__kernel __attribute__((reqd_work_group_size(64, 1, 1))) void linear_int8_few(
    RUN, SIZE(rows), const int n, const int depth, OUT(float, out), __global const char* x,
    __global const float* scales, __global const char* weight, IN(float, bias), IN(float, residual), const int extras,
    const int activation) {
    const int rows = LENGTH(rows);
    const int column = (int) get_global_id(0);
    const int first = (int) get_global_id(1) * FEW;
    if (column >= n || first >= rows) return;
    const int left = min(FEW, rows - first);
    __global const int* w = (__global const int*) (weight + (size_t) (column / 16) * PANEL_BYTES(depth)) + column % 16;
    __global const int4* xs = (__global const int4*) (x + (size_t) first * depth);
    const int stride = depth / 16;
    int sum[FEW];
    #pragma unroll
    for (int i = 0; i < FEW; i++) sum[i] = 0;
    for (int q = 0; q < depth / 16; q++) {
        const int w0 = w[q * 64];
        const int w1 = w[q * 64 + 16];
        const int w2 = w[q * 64 + 32];
        const int w3 = w[q * 64 + 48];
        #pragma unroll
        for (int i = 0; i < FEW; i++) {
            const int4 a = xs[(size_t) min(i, left - 1) * stride + q];
            sum[i] = dp4a(dp4a(dp4a(dp4a(sum[i], a.x, w0), a.y, w1), a.z, w2), a.w, w3);
        }
    }
    __global float* out = ARRAY(out);
    __global const float* residual = extras & 2 ? ARRAY(residual) : 0;
    const float column_scale = scale_of(weight, depth, column);
    const float b = extras & 1 ? ARRAY(bias)[column] : 0.0f;
    #pragma unroll 1
    for (int i = 0; i < left; i++) {
        const size_t at = (size_t) (first + i) * n + column;
        out[at] = dp4a_end(sum[0], column_scale, scales[first + i], activation, b, residual, at);
        #pragma unroll
        for (int up = 1; up < FEW; up++) sum[up - 1] = sum[up];
    }
}
