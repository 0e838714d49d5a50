// The tensor cores of NVIDIA: sums[16][8] += a[16][16] b[16][8] by the 32 lanes of a warp, numbers of two bytes, products
// exact, sums float32. This is all that knows the instruction, mma.sync.aligned.m16n8k16 (compute capability 8.0).
//
// Numbers lie in local memory in words of two neighbours in k, the first of them low. What a lane holds, in words and sums:
//
//   a:    word r is row lane / 4 + r % 2 * 8, pair lane % 4 + r / 2 * 4        in memory [row][A_STRIDE pairs]
//   b:    word r is column lane / 4, pair lane % 4 + r * 4                     in memory [pair][B_STRIDE columns]
//   sums: sum r is row lane / 4 + r / 2 * 8, column lane % 4 * 2 + r % 2
//
// The lanes of a warp read different banks: of a 20 words a row, of b 8 more than a multiple of 32.
//
// WEIGHTS: 4 bfloat16, 6 half: see weights.cl
// MMA: 0 plain C, on any device: a lane asks for the words that another one would hold, and sums up in the order of k
//      1 the instruction, and those that round

#define A_STRIDE 20
#define B_STRIDE (BLOCK_N + 8)

uint word_of_a(__local const uint* a, const int lane, const int r) {
    return a[(lane / 4 + r % 2 * 8) * A_STRIDE + lane % 4 + r / 2 * 4];
}

uint word_of_b(__local const uint* b, const int stride, const int lane, const int r) {
    return b[(lane % 4 + r * 4) * stride + lane / 4];
}

#if WEIGHTS == 6
// Half has no larger numbers: what is larger counts as them.
float in_range(const float v) {
    return fabs(v) > 65504.0f ? copysign(65504.0f, v) : v;
}
#else
#define in_range(v) (v)
#endif

#if MMA
#if WEIGHTS == 6
#define MMA_TYPES "f16.f16"
#define MMA_ROUND "cvt.rn.f16x2.f32"
#else
#define MMA_TYPES "bf16.bf16"
#define MMA_ROUND "cvt.rn.bf16x2.f32"
#endif

uint pair_of(const float low, const float high) {
    uint pair;
    __asm__(MMA_ROUND " %0, %1, %2;" : "=r"(pair) : "f"(in_range(high)), "f"(in_range(low)));
    return pair;
}

typedef uint4 PartOfA;
typedef uint2 PartOfB;

PartOfA part_of_a(__local const uint* a, const int lane) {
    return (uint4) (word_of_a(a, lane, 0), word_of_a(a, lane, 1), word_of_a(a, lane, 2), word_of_a(a, lane, 3));
}

PartOfB part_of_b(__local const uint* b, const int stride, const int lane) {
    return (uint2) (word_of_b(b, stride, lane, 0), word_of_b(b, stride, lane, 1));
}

float4 mma(const float4 sums, const PartOfA a, const PartOfB b, const int lane) {
    float s0 = sums.x, s1 = sums.y, s2 = sums.z, s3 = sums.w;
    __asm__ volatile(
        "mma.sync.aligned.m16n8k16.row.col.f32." MMA_TYPES ".f32 {%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, "
        "{%0, %1, %2, %3};"
        : "+f"(s0), "+f"(s1), "+f"(s2), "+f"(s3)
        : "r"(a.x), "r"(a.y), "r"(a.z), "r"(a.w), "r"(b.x), "r"(b.y));
    return (float4) (s0, s1, s2, s3);
}
#else
#if WEIGHTS == 6
uint pair_of(const float low, const float high) {
    ushort2 pair;
    vstore_half2_rte((float2) (in_range(low), in_range(high)), 0, (half*) &pair);
    return as_uint(pair);
}

float number_of(const ushort bits) {
    return vload_half(0, (const half*) &bits);
}
#else
uint pair_of(const float low, const float high) {
    const uint2 bits = as_uint2((float2) (low, high));
    const uint2 rounded =
        select(bits + 0x7fffu + ((bits >> 16) & 1u), bits | 0x400000u, isnan((float2) (low, high))) >> 16;
    return rounded.x | rounded.y << 16;
}

float number_of(const ushort bits) {
    return as_float((uint) bits << 16);
}
#endif

typedef __local const uint* PartOfA;
typedef struct {
    __local const uint* b;
    int stride;
} PartOfB;

PartOfA part_of_a(__local const uint* a, const int lane) {
    return a;
}

PartOfB part_of_b(__local const uint* b, const int stride, const int lane) {
    const PartOfB part = {b, stride};
    return part;
}

float4 mma(const float4 sums, const PartOfA a, const PartOfB b, const int lane) {
    float s[4];
    vstore4(sums, 0, s);
    for (int r = 0; r < 4; r++) {
        const int row = lane / 4 + r / 2 * 8;
        const int column = lane % 4 * 2 + r % 2;
        for (int k = 0; k < 16; k++) {
            const uint pair_a = word_of_a(a, row % 8 * 4 + k % 8 / 2, row / 8 + k / 8 * 2);
            const uint pair_b = word_of_b(b.b, b.stride, column * 4 + k % 8 / 2, k / 8);
            const int high = k % 2 * 16;
            s[r] = fma(number_of(pair_a >> high & 0xffff), number_of(pair_b >> high & 0xffff), s[r]);
        }
    }
    return vload4(0, s);
}
#endif
