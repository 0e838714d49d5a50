// out = activation(x Wt + bias) + residual by tensor cores (see mma.cl): a work-group of WARPS_M x WARPS_N warps computes
// BLOCK_M rows by BLOCK_N columns, a warp PARTS_M times 16 rows by PARTS_N times 8 columns of them. Taken in for every size.
//
//   x [rows][k] --BLOCK_M x 32, rounded--> local xs       weights, tiles as in linear_bfloat16_amx.cl --32 x BLOCK_N--> local ws
//   depth: k, filled up with zeros to a multiple of 32, which lie there twice, as in linear_gpu.cl: while one tile is
//   multiplied, the next is on its way
//
// An element is the same sum in the same order, 16 of k at a time, in blocks of every size and whatever rows it is computed
// together with.
//
// LINEAR_MMA: name of the kernel    PARTS_M, PARTS_N, WARPS_M, WARPS_N: 1 to 4, PARTS_N * WARPS_N even

#define BLOCK_M (WARPS_M * PARTS_M * 16)
#define BLOCK_N (WARPS_N * PARTS_N * 8)
#define WARPS (32 * WARPS_M * WARPS_N)
// Fours of numbers of x, and of words of weights, in a tile, and how many of them a work-item loads.
#define MMA_FOURS_OF_X (BLOCK_M * 8)
#define MMA_FOURS_OF_W (BLOCK_N * 4)
#define MMA_LOADS_OF_X ((MMA_FOURS_OF_X + WARPS - 1) / WARPS)
#define MMA_LOADS_OF_W ((MMA_FOURS_OF_W + WARPS - 1) / WARPS)

// local (WARPS); group (block of columns, block of rows)
__kernel __attribute__((reqd_work_group_size(WARPS, 1, 1))) void LINEAR_MMA(
    RUN, SIZE(rows), const int n, const int k, OUT(float, out), IN(float, x), IN(Stored, weight),
    IN(float, bias), IN(float, residual), const int extras, const int activation) {
    __local uint xs[2][BLOCK_M][A_STRIDE] __attribute__((aligned(16)));
    __local uint ws[2][16][B_STRIDE] __attribute__((aligned(16)));
    const int rows = LENGTH(rows);
    const int depth = STORED_DEPTH(k);
    const int column = (int) get_group_id(0) * BLOCK_N;
    const int first = (int) get_group_id(1) * BLOCK_M;
    const int thread = (int) get_local_id(0);
    const int lane = thread % 32;
    const int warp_m = thread / 32 / WARPS_N * PARTS_M;
    const int warp_n = thread / 32 % WARPS_N * PARTS_N;
    __global const float* x = ARRAY(x);
    // Fours of words: 64 of them are 16 columns by 32 of k.
    __global const uint4* weight = (__global const uint4*) ARRAY(weight) + (size_t) (column / 16) * depth * 2;
    const int panels = (n - column + 15) / 16;
    const int fours = in_fours(x, k);
    float4 sums[PARTS_M * PARTS_N];
    #pragma unroll
    for (int i = 0; i < PARTS_M * PARTS_N; i++) sums[i] = 0.0f;
    // In turn `now` and `1 - now` are multiplied and filled; before the first only the filling.
    for (int from = -32, now = 1; from < depth; from += 32, now = 1 - now) {
        const int next = from + 32;
        float4 x_ahead[MMA_LOADS_OF_X];
        uint4 w_ahead[MMA_LOADS_OF_W];
        if (next < depth) {
            #pragma unroll
            for (int l = 0; l < MMA_LOADS_OF_X; l++) {
                const int e = thread + l * WARPS;
                if (MMA_FOURS_OF_X % WARPS == 0 || e < MMA_FOURS_OF_X) {
                    x_ahead[l] = four_of_x(x, first + e / 8, rows, next + e % 8 * 4, k, fours);
                }
            }
            #pragma unroll
            for (int l = 0; l < MMA_LOADS_OF_W; l++) {
                const int e = thread + l * WARPS;
                w_ahead[l] = 0;
                if ((MMA_FOURS_OF_W % WARPS == 0 || e < MMA_FOURS_OF_W) && e / 64 < panels) {
                    w_ahead[l] = weight[(size_t) (e / 64) * depth * 2 + next * 2 + e % 64];
                }
            }
        }
        if (from >= 0) {
            #pragma unroll
            for (int step = 0; step < 16; step += 8) {
                PartOfA a[PARTS_M];
                #pragma unroll
                for (int i = 0; i < PARTS_M; i++) a[i] = part_of_a(&xs[now][(warp_m + i) * 16][step], lane);
                #pragma unroll
                for (int j = 0; j < PARTS_N; j++) {
                    const PartOfB b = part_of_b(&ws[now][step][(warp_n + j) * 8], B_STRIDE, lane);
                    #pragma unroll
                    for (int i = 0; i < PARTS_M; i++) {
                        sums[i * PARTS_N + j] = mma(sums[i * PARTS_N + j], a[i], b, lane);
                    }
                }
            }
        }
        if (next < depth) {
            #pragma unroll
            for (int l = 0; l < MMA_LOADS_OF_X; l++) {
                const int e = thread + l * WARPS;
                if (MMA_FOURS_OF_X % WARPS == 0 || e < MMA_FOURS_OF_X) {
                    *(__local uint2*) &xs[1 - now][e / 8][e % 8 * 2] =
                        (uint2) (pair_of(x_ahead[l].x, x_ahead[l].y), pair_of(x_ahead[l].z, x_ahead[l].w));
                }
            }
            #pragma unroll
            for (int l = 0; l < MMA_LOADS_OF_W; l++) {
                const int e = thread + l * WARPS;
                if (MMA_FOURS_OF_W % WARPS == 0 || e < MMA_FOURS_OF_W) {
                    *(__local uint4*) &ws[1 - now][e % 64 / 4][e / 64 * 16 + e % 4 * 4] = w_ahead[l];
                }
            }
        }
        barrier(CLK_LOCAL_MEM_FENCE);
    }
    __global float* out = ARRAY(out);
    __global const float* bias = extras & 1 ? ARRAY(bias) : 0;
    __global const float* residual = extras & 2 ? ARRAY(residual) : 0;
    // The first of the sums, and then the others move up: see linear_gpu.cl.
    #pragma unroll 1
    for (int i = 0; i < PARTS_M * PARTS_N; i++) {
        float part[4];
        vstore4(sums[0], 0, part);
        #pragma unroll
        for (int r = 0; r < 4; r++) {
            const int row = first + (warp_m + i / PARTS_N) * 16 + lane / 4 + r / 2 * 8;
            const int c = column + (warp_n + i % PARTS_N) * 8 + lane % 4 * 2 + r % 2;
            if (row < rows && c < n) {
                const size_t at = (size_t) row * n + c;
                out[at] = finish(part[r], activation, bias, residual, at, c);
            }
        }
        #pragma unroll
        for (int up = 1; up < PARTS_M * PARTS_N; up++) sums[up - 1] = sums[up];
    }
}
