// Sums of products with pairs of neighbours (see weights.cl) on CPUs: R rows by 16 columns, all of k, exact in 32 bits.
// Taken in once for every R. Rows from `left` on do not exist: they repeat the last one.
//
// DOT(sum, a, w): to each of 8 columns, the products of a pair of activations with its pair of weights. Where the
// compiler knows AVX2 this is one multiply-add of 16-bit pairs; elsewhere, and where PLAIN is defined, plain arithmetic
// with the same result.
//
// R: 1 to 6
// AHEAD: steps of two k, how far ahead weights are asked for

#ifndef INT8_SUMS
#ifndef AHEAD
#define AHEAD 64
#endif

// The first row of a block of TILE rows, and how many it has.
int int8_block(const int block, const int blocks, const int rows, int* first) {
    int left = min(TILE, rows - block * TILE);
    *first = block * TILE;
    // One or two rows at the end take two from the block before: two tiles of four are faster than one of six and one
    // of two.
    const int last = rows - (blocks - 1) * TILE;
    if (blocks > 1 && last <= TILE - 4) {
        if (block == blocks - 2) left = TILE - 2;
        if (block == blocks - 1) {
            *first -= 2;
            left += 2;
        }
    }
    return left;
}

#define INT8_SUMS_JOIN(r) int8_sums_##r
#define INT8_SUMS(r) INT8_SUMS_JOIN(r)
#if defined(__AVX2__) && !defined(PLAIN)
typedef short pairs8 __attribute__((vector_size(32)));
typedef int sums8 __attribute__((vector_size(32)));
#define PAIRS(w) __builtin_astype(convert_short16(w), pairs8)
#define DOT(sum, a, w) ((sum) + __builtin_astype((sums8) __builtin_ia32_pmaddwd256(__builtin_astype((int8) (a), pairs8), w), int8))
#else
typedef short16 pairs8;
#define PAIRS(w) convert_short16(w)
#define DOT(sum, a, w) \
    ((sum) + convert_int8((w).even) * (int8) (short) (a) + convert_int8((w).odd) * (int8) ((a) >> 16))
#endif
#endif

__attribute__((always_inline)) void INT8_SUMS(R)(
    __global const short* x, const int left, const int depth, __global const char* weight, int16* sums) {
    int8 sum[R][2];
    __global const int* xs[R];
    #pragma unroll
    for (int i = 0; i < R; i++) {
        xs[i] = (__global const int*) (x + (size_t) min(i, left - 1) * depth);
        sum[i][0] = 0;
        sum[i][1] = 0;
    }
    const int steps = depth / 2;
    // Two at a time need more than 16 registers.
    for (int p = 0; p < steps; p++) {
        ASK_FOR(weight + p * 32 + AHEAD * 32);
        const pairs8 low = PAIRS(vload16(0, weight + p * 32));
        const pairs8 high = PAIRS(vload16(1, weight + p * 32));
        #pragma unroll
        for (int i = 0; i < R; i++) {
            const int a = xs[i][p];
            sum[i][0] = DOT(sum[i][0], a, low);
            sum[i][1] = DOT(sum[i][1], a, high);
        }
    }
    #pragma unroll
    for (int i = 0; i < R; i++) sums[i] = (int16) (sum[i][0], sum[i][1]);
}
