// out = activation(x Wt + bias) + residual for GPU devices: a work-group computes TILE_M rows by one panel.
//
//   x [rows][k] --TILE_M x TILE_K--> local xs         weights, packed [panel][k][PANEL] --TILE_K x PANEL--> local ws
//   THREADS_M x THREADS_N work-items, each (TILE_M / THREADS_M) x (PANEL / THREADS_N) elements, in spans of up to 4
//   neighbours, so that one access to local memory brings a span
//
// Tiles in local memory are there twice: while one is multiplied, the next is on its way from global memory, four numbers
// at a time, through registers into the other.
//
// linear_few, for few rows: THREADS work-items take neighbouring columns of a panel, each holds FEW rows of sums, so
// the weights are read once and coalesced, STEPS of them ahead. Every element is one chain of fma over ascending k in both.
//
// Loops over sums are unrolled, or take the first and move the others up: an array that is indexed by a number which the
// compiler does not know would lie in memory.
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
#define STEPS 8

#define PER_M (TILE_M / THREADS_M)
#define PER_N (PANEL / THREADS_N)
#define THREADS (THREADS_M * THREADS_N)

// Fours of a tile, and how many of them a work-item loads at most.
#define FOURS_OF_X (TILE_M * TILE_K / 4)
#define FOURS_OF_W (TILE_K * PANEL / 4)
#define LOADS_OF_X ((FOURS_OF_X + THREADS - 1) / THREADS)
#define LOADS_OF_W ((FOURS_OF_W + THREADS - 1) / THREADS)
#define FEW_LOADS ((FEW * FEW_K / 4 + PANEL - 1) / PANEL)
// Rows of a tile begin where four can be read at once.
#define TILE_STRIDE ((TILE_M + 3) / 4 * 4 + 4)
#define FEW_STRIDE ((FEW + 3) / 4 * 4)

#if PER_M % 4 == 0
#define SPAN_M 4
#define GET_M(p, to) vstore4(*(__local const float4*) (p), 0, to)
#elif PER_M % 2 == 0
#define SPAN_M 2
#define GET_M(p, to) vstore2(*(__local const float2*) (p), 0, to)
#else
#define SPAN_M 1
#define GET_M(p, to) *(to) = *(p)
#endif
#if PER_N % 4 == 0
#define SPAN_N 4
#define GET_N(p, to) vstore4(*(__local const float4*) (p), 0, to)
#elif PER_N % 2 == 0
#define SPAN_N 2
#define GET_N(p, to) vstore2(*(__local const float2*) (p), 0, to)
#else
#define SPAN_N 1
#define GET_N(p, to) *(to) = *(p)
#endif
// Where element i of a work-item lies in the tile.
#define ROW_OF(i) (((i) / SPAN_M * THREADS_M + tm) * SPAN_M + (i) % SPAN_M)
#define COLUMN_OF(j) (((j) / SPAN_N * THREADS_N + tn) * SPAN_N + (j) % SPAN_N)

// Weights as they are stored, one and four of them, on their way to being floats.
#if WEIGHTS == 0
typedef float Stored1;
typedef float4 Stored4;
#define WEIGHT1(s) (s)
#define WEIGHT4(s) (s)
#else
typedef ushort Stored1;
typedef ushort4 Stored4;
#if WEIGHTS == 1
float weight1(const ushort s) {
    return vload_half(0, (const half*) &s);
}
float4 weight4(const ushort4 s) {
    return vload_half4(0, (const half*) &s);
}
#define WEIGHT1(s) weight1(s)
#define WEIGHT4(s) weight4(s)
#else
#define WEIGHT1(s) as_float((uint) (s) << 16)
#define WEIGHT4(s) as_float4(convert_uint4(s) << 16)
#endif
#endif
#define STORED1(i, p) (*(__global const Stored1*) ((p) + (i)))
#if TORNADO_HEADER % 16
#define STORED4(i, p) vload4(i, (__global const Stored1*) (p))
#else
#define STORED4(i, p) (((__global const Stored4*) (p))[i])
#endif

// One step of k from tiles in local memory.
#define MULTIPLY(kk) \
    { \
        float a[PER_M]; \
        float b[PER_N]; \
        _Pragma("unroll") for (int i = 0; i < PER_M; i += SPAN_M) GET_M(&xs[now][kk][ROW_OF(i)], a + i); \
        _Pragma("unroll") for (int j = 0; j < PER_N; j += SPAN_N) GET_N(&ws[now][kk][COLUMN_OF(j)], b + j); \
        _Pragma("unroll") for (int i = 0; i < PER_M; i++) { \
            _Pragma("unroll") for (int j = 0; j < PER_N; j++) sum[i][j] = fma(a[i], b[j], sum[i][j]); \
        } \
    }

// local (THREADS_N, THREADS_M); group (panel, block of rows)
__kernel __attribute__((reqd_work_group_size(THREADS_N, THREADS_M, 1))) void linear(
    RUN, SIZE(rows), const int n, const int k, OUT(float, out), IN(float, x), IN(Stored, weight),
    IN(float, bias), IN(float, residual), const int extras, const int activation) {
    __local float xs[2][TILE_K][TILE_STRIDE] __attribute__((aligned(16)));
    __local float ws[2][TILE_K][PANEL] __attribute__((aligned(16)));
    const int rows = LENGTH(rows);
    const int column = (int) get_group_id(0) * PANEL;
    const int first = (int) get_group_id(1) * TILE_M;
    const int tn = (int) get_local_id(0);
    const int tm = (int) get_local_id(1);
    const int thread = tm * THREADS_N + tn;
    __global const float* x = ARRAY(x);
    __global const Stored* weight = ARRAY(weight) + (size_t) get_group_id(0) * k * PANEL;
    const int fours = in_fours(x, k);
    float sum[PER_M][PER_N];
    #pragma unroll
    for (int i = 0; i < PER_M; i++) {
        #pragma unroll
        for (int j = 0; j < PER_N; j++) sum[i][j] = 0.0f;
    }
    // In turn `now` and `1 - now` are multiplied and filled; before the first only the filling.
    for (int from = -TILE_K, now = 1; from < k; from += TILE_K, now = 1 - now) {
        const int next = from + TILE_K;
        float4 x_ahead[LOADS_OF_X];
        Stored4 w_ahead[LOADS_OF_W];
        if (next < k) {
            #pragma unroll
            for (int l = 0; l < LOADS_OF_X; l++) {
                const int e = thread + l * THREADS;
                if (FOURS_OF_X % THREADS == 0 || e < FOURS_OF_X) {
                    x_ahead[l] =
                        four_of_x(x, first + e / (TILE_K / 4), rows, next + e % (TILE_K / 4) * 4, k, fours);
                }
            }
            #pragma unroll
            for (int l = 0; l < LOADS_OF_W; l++) {
                const int e = thread + l * THREADS;
                if ((FOURS_OF_W % THREADS == 0 || e < FOURS_OF_W) && next + e / (PANEL / 4) < k) {
                    w_ahead[l] = STORED4(e, weight + (size_t) next * PANEL);
                }
            }
        }
        if (from >= 0) {
            const int depth = min(TILE_K, k - from);
            if (depth == TILE_K) {
                #pragma unroll
                for (int kk = 0; kk < TILE_K; kk++) MULTIPLY(kk)
            } else {
                #pragma unroll 1
                for (int kk = 0; kk < depth; kk++) MULTIPLY(kk)
            }
        }
        if (next < k) {
            #pragma unroll
            for (int l = 0; l < LOADS_OF_X; l++) {
                const int e = thread + l * THREADS;
                if (FOURS_OF_X % THREADS == 0 || e < FOURS_OF_X) {
                    __local float* to = &xs[1 - now][e % (TILE_K / 4) * 4][e / (TILE_K / 4)];
                    to[0] = x_ahead[l].x;
                    to[TILE_STRIDE] = x_ahead[l].y;
                    to[2 * TILE_STRIDE] = x_ahead[l].z;
                    to[3 * TILE_STRIDE] = x_ahead[l].w;
                }
            }
            #pragma unroll
            for (int l = 0; l < LOADS_OF_W; l++) {
                const int e = thread + l * THREADS;
                if ((FOURS_OF_W % THREADS == 0 || e < FOURS_OF_W) && next + e / (PANEL / 4) < k) {
                    *(__local float4*) &ws[1 - now][e / (PANEL / 4)][e % (PANEL / 4) * 4] = WEIGHT4(w_ahead[l]);
                }
            }
        }
        barrier(CLK_LOCAL_MEM_FENCE);
    }
    __global float* out = ARRAY(out);
    __global const float* bias = extras & 1 ? ARRAY(bias) : 0;
    __global const float* residual = extras & 2 ? ARRAY(residual) : 0;
    #pragma unroll 1
    for (int i = 0; i < PER_M; i++) {
        const int row = first + ROW_OF(i);
        #pragma unroll
        for (int j = 0; j < PER_N; j++) {
            const int c = column + COLUMN_OF(j);
            if (row < rows && c < n) {
                const size_t at = (size_t) row * n + c;
                out[at] = finish(sum[0][j], activation, bias, residual, at, c);
            }
            #pragma unroll
            for (int up = 1; up < PER_M; up++) sum[up - 1][j] = sum[up][j];
        }
    }
}

#define MULTIPLY_FEW(kk, w) \
    { \
        float a[FEW_STRIDE]; \
        _Pragma("unroll") for (int i = 0; i < FEW_STRIDE; i += 4) { \
            vstore4(*(__local const float4*) &xs[kk][i], 0, a + i); \
        } \
        _Pragma("unroll") for (int i = 0; i < FEW; i++) sum[i] = fma(a[i], w, sum[i]); \
    }

// local (PANEL); group (panel, block of FEW rows)
__kernel __attribute__((reqd_work_group_size(PANEL, 1, 1))) void linear_few(
    RUN, SIZE(rows), const int n, const int k, OUT(float, out), IN(float, x), IN(Stored, weight),
    IN(float, bias), IN(float, residual), const int extras, const int activation) {
    __local float xs[FEW_K][FEW_STRIDE] __attribute__((aligned(16)));
    const int rows = LENGTH(rows);
    const int thread = (int) get_local_id(0);
    const int column = (int) get_group_id(0) * PANEL + thread;
    const int first = (int) get_group_id(1) * FEW;
    __global const float* x = ARRAY(x);
    __global const Stored* weight = ARRAY(weight) + (size_t) get_group_id(0) * k * PANEL + thread;
    const int fours = in_fours(x, k);
    float sum[FEW];
    Stored1 w_ahead[STEPS];
    #pragma unroll
    for (int i = 0; i < FEW; i++) sum[i] = 0.0f;
    #pragma unroll
    for (int s = 0; s < STEPS; s++) {
        if (s < k) w_ahead[s] = STORED1(s * PANEL, weight);
    }
    for (int from = 0; from < k; from += FEW_K) {
        #pragma unroll
        for (int l = 0; l < FEW_LOADS; l++) {
            const int e = thread + l * PANEL;
            if (FEW * FEW_K / 4 % PANEL == 0 || e < FEW * FEW_K / 4) {
                const int kk = e % (FEW_K / 4) * 4;
                const float4 v = four_of_x(x, first + e / (FEW_K / 4), rows, from + kk, k, fours);
                __local float* to = &xs[kk][e / (FEW_K / 4)];
                to[0] = v.x;
                to[FEW_STRIDE] = v.y;
                to[2 * FEW_STRIDE] = v.z;
                to[3 * FEW_STRIDE] = v.w;
            }
        }
        barrier(CLK_LOCAL_MEM_FENCE);
        const int depth = min(FEW_K, k - from);
        #pragma unroll 1
        for (int kk = 0; kk < depth; kk += STEPS) {
            float w[STEPS];
            #pragma unroll
            for (int s = 0; s < STEPS; s++) {
                w[s] = WEIGHT1(w_ahead[s]);
                const int next = from + kk + STEPS + s;
                if (next < k) w_ahead[s] = STORED1((size_t) next * PANEL, weight);
            }
            if (kk + STEPS <= depth) {
                #pragma unroll
                for (int s = 0; s < STEPS; s++) MULTIPLY_FEW(kk + s, w[s])
            } else {
                #pragma unroll
                for (int s = 0; s < STEPS; s++) {
                    if (kk + s < depth) MULTIPLY_FEW(kk + s, w[s])
                }
            }
        }
        barrier(CLK_LOCAL_MEM_FENCE);
    }
    if (column >= n) return;
    __global float* out = ARRAY(out);
    __global const float* bias = extras & 1 ? ARRAY(bias) : 0;
    __global const float* residual = extras & 2 ? ARRAY(residual) : 0;
    #pragma unroll 1
    for (int i = 0; i < FEW && first + i < rows; i++) {
        const size_t at = (size_t) (first + i) * n + column;
        out[at] = finish(sum[0], activation, bias, residual, at, column);
        #pragma unroll
        for (int up = 1; up < FEW; up++) sum[up - 1] = sum[up];
    }
}
