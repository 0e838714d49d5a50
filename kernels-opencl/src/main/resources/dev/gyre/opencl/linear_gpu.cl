// out = activation(x Wt + bias) + residual for GPU devices: a work-group computes TILE_M rows by one panel.
//
//   x [rows][k] --TILE_M x TILE_K--> local xs         weights, packed [panel][k][PANEL] --TILE_K x PANEL--> local ws
//   THREADS_M x THREADS_N work-items, each (TILE_M / THREADS_M) x (PANEL / THREADS_N) elements, strided
//
// linear_few, for few rows: THREADS work-items take neighbouring columns of a panel, each holds FEW rows of sums, so
// the weights are read once and coalesced. Every element is one chain of fma over ascending k in both.
//
// PANEL: 32, 64 or 128, a multiple of THREADS_N    TILE_M: 16 to 128, a multiple of THREADS_M    TILE_K: 8 to 32
// THREADS_M, THREADS_N: 4 to 16                    FEW: 1 to 16 rows      FEW_K: 16 to 256 steps of x in local memory

#ifndef PANEL
#define PANEL 64
#endif
#ifndef TILE_M
#define TILE_M 64
#endif
#ifndef TILE_K
#define TILE_K 16
#endif
#ifndef THREADS_M
#define THREADS_M 16
#endif
#ifndef THREADS_N
#define THREADS_N 16
#endif
#ifndef FEW
#define FEW 8
#endif
#ifndef FEW_K
#define FEW_K 64
#endif

#define PER_M (TILE_M / THREADS_M)
#define PER_N (PANEL / THREADS_N)
#define THREADS (THREADS_M * THREADS_N)

float finish(
    float sum, const int activation, __global const float* bias, __global const float* residual, const size_t at,
    const int column) {
    if (bias) sum += bias[column];
    if (activation) sum = activate1(activation, sum);
    if (residual) sum += residual[at];
    return sum;
}

// local (THREADS_N, THREADS_M); group (panel, block of rows)
__kernel __attribute__((reqd_work_group_size(THREADS_N, THREADS_M, 1))) void linear(
    RUN, SIZE(rows), const int n, const int k, OUT(float, out), IN(float, x), IN(Stored, weight),
    IN(float, bias), IN(float, residual), const int extras, const int activation) {
    __local float xs[TILE_K][TILE_M + 1];
    __local float ws[TILE_K][PANEL];
    const int rows = LENGTH(rows);
    const int column = (int) get_group_id(0) * PANEL;
    const int first = (int) get_group_id(1) * TILE_M;
    const int tn = (int) get_local_id(0);
    const int tm = (int) get_local_id(1);
    const int thread = tm * THREADS_N + tn;
    __global const float* x = ARRAY(x);
    __global const Stored* weight = ARRAY(weight) + (size_t) get_group_id(0) * k * PANEL;
    float sum[PER_M][PER_N];
    for (int i = 0; i < PER_M; i++) {
        for (int j = 0; j < PER_N; j++) sum[i][j] = 0.0f;
    }
    for (int from = 0; from < k; from += TILE_K) {
        const int depth = min(TILE_K, k - from);
        for (int e = thread; e < TILE_M * TILE_K; e += THREADS) {
            const int row = first + e / TILE_K;
            const int kk = e % TILE_K;
            xs[kk][e / TILE_K] = row < rows && kk < depth ? x[(size_t) row * k + from + kk] : 0.0f;
        }
        for (int e = thread; e < TILE_K * PANEL; e += THREADS) {
            ws[e / PANEL][e % PANEL] = e / PANEL < depth ? WEIGHT((size_t) from * PANEL + e, weight) : 0.0f;
        }
        barrier(CLK_LOCAL_MEM_FENCE);
        for (int kk = 0; kk < depth; kk++) {
            for (int i = 0; i < PER_M; i++) {
                const float a = xs[kk][tm + i * THREADS_M];
                for (int j = 0; j < PER_N; j++) sum[i][j] = fma(a, ws[kk][tn + j * THREADS_N], sum[i][j]);
            }
        }
        barrier(CLK_LOCAL_MEM_FENCE);
    }
    __global float* out = ARRAY(out);
    __global const float* bias = extras & 1 ? ARRAY(bias) : 0;
    __global const float* residual = extras & 2 ? ARRAY(residual) : 0;
    for (int i = 0; i < PER_M; i++) {
        const int row = first + tm + i * THREADS_M;
        for (int j = 0; j < PER_N; j++) {
            const int c = column + tn + j * THREADS_N;
            if (row < rows && c < n) {
                const size_t at = (size_t) row * n + c;
                out[at] = finish(sum[i][j], activation, bias, residual, at, c);
            }
        }
    }
}

// local (PANEL); group (panel, block of FEW rows)
__kernel __attribute__((reqd_work_group_size(PANEL, 1, 1))) void linear_few(
    RUN, SIZE(rows), const int n, const int k, OUT(float, out), IN(float, x), IN(Stored, weight),
    IN(float, bias), IN(float, residual), const int extras, const int activation) {
    __local float xs[FEW][FEW_K];
    const int rows = LENGTH(rows);
    const int thread = (int) get_local_id(0);
    const int column = (int) get_group_id(0) * PANEL + thread;
    const int first = (int) get_group_id(1) * FEW;
    __global const float* x = ARRAY(x);
    __global const Stored* weight = ARRAY(weight) + (size_t) get_group_id(0) * k * PANEL + thread;
    float sum[FEW];
    for (int i = 0; i < FEW; i++) sum[i] = 0.0f;
    for (int from = 0; from < k; from += FEW_K) {
        const int depth = min(FEW_K, k - from);
        for (int e = thread; e < FEW * FEW_K; e += PANEL) {
            const int row = first + e / FEW_K;
            const int kk = e % FEW_K;
            xs[e / FEW_K][kk] = row < rows && kk < depth ? x[(size_t) row * k + from + kk] : 0.0f;
        }
        barrier(CLK_LOCAL_MEM_FENCE);
        for (int kk = 0; kk < depth; kk++) {
            const float w = WEIGHT((size_t) (from + kk) * PANEL, weight);
            for (int i = 0; i < FEW; i++) sum[i] = fma(xs[i][kk], w, sum[i]);
        }
        barrier(CLK_LOCAL_MEM_FENCE);
    }
    if (column >= n) return;
    __global float* out = ARRAY(out);
    __global const float* bias = extras & 1 ? ARRAY(bias) : 0;
    __global const float* residual = extras & 2 ? ARRAY(residual) : 0;
    for (int i = 0; i < FEW && first + i < rows; i++) {
        const size_t at = (size_t) (first + i) * n + column;
        out[at] = finish(sum[i], activation, bias, residual, at, column);
    }
}
