// The tiles of AMX: eight registers of 16 rows by 64 bytes, named by numbers that are written out. This is all that knows
// the instructions.
//
//   TILES;                     once at the head of a kernel
//   TILE_CONFIGURE();          before the first use: all eight of full size, and zero
//   TILE_ZERO(t);
//   TILE_LOAD(t, p, stride);   16 rows of 64 bytes, `stride` bytes from one to the next
//   TILE_DOT(c, a, b);         c[i][j] += a[i][4 k + e] * b[k][4 j + e] over 16 k and 4 e: bytes of a without a sign, of b
//                              with one, sums of 32 bits that wrap around
//   TILE_DOT_BFLOAT16(c, a, b);  the same over 16 k and 2 e: pairs of bfloat16 of a and of b, sums of float32. What is
//                              below the smallest normal number counts as zero, and becomes it; rounded to nearest even
//   TILE_STORE(t, p, stride);
//   TILE_RELEASE();            after the last use
//
// AMX: 0 plain C that does exactly what the instructions do, on any device: see dot4.cl, since a product of tiles is so
//        many of those, where there are products of bytes
//      1 the instructions (AMX-TILE, AMX-INT8, AMX-BF16). They compile for any x86, and stop the process where the processor or the
//        kernel's permission is missing: the host looks first.

#if AMX
#ifndef __x86_64__
#error tiles are for x86
#endif
#define TILE_NAME(t) "%%tmm" #t
// Palette 1; 64 bytes a row and 16 rows for each of eight.
#define TILES \
    const ulong8 tile_shapes = \
        (ulong8) (1, 0, 0x0040004000400040UL, 0x0040004000400040UL, 0, 0, 0x1010101010101010UL, 0)
#define TILE_CONFIGURE() __asm__ volatile("ldtilecfg %0" : : "m"(tile_shapes))
#define TILE_ZERO(t) __asm__ volatile("tilezero " TILE_NAME(t) : : )
#define TILE_LOAD(t, p, stride) \
    __asm__ volatile("tileloadd (%0,%1,1), " TILE_NAME(t) : : "r"((size_t) (p)), "r"((size_t) (stride)) : "memory")
#define TILE_DOT(c, a, b) __asm__ volatile("tdpbusd " TILE_NAME(b) ", " TILE_NAME(a) ", " TILE_NAME(c) : : )
#define TILE_DOT_BFLOAT16(c, a, b) \
    __asm__ volatile("tdpbf16ps " TILE_NAME(b) ", " TILE_NAME(a) ", " TILE_NAME(c) : : )
#define TILE_STORE(t, p, stride) \
    __asm__ volatile("tilestored " TILE_NAME(t) ", (%0,%1,1)" : : "r"((size_t) (p)), "r"((size_t) (stride)) : "memory")
#define TILE_RELEASE() __asm__ volatile("tilerelease" : : )
#else
#define TILES int16 tiles[8][16]
#define TILE_CONFIGURE() \
    for (int t = 0; t < 8; t++) { \
        for (int i = 0; i < 16; i++) tiles[t][i] = 0; \
    }
#define TILE_ZERO(t) for (int i = 0; i < 16; i++) tiles[t][i] = 0
#define TILE_LOAD(t, p, stride) \
    for (int i = 0; i < 16; i++) tiles[t][i] = as_int16(vload16(0, (__global const uint*) ((p) + i * (size_t) (stride))))
#define TILE_DOT(c, a, b) tile_dot(tiles[c], tiles[a], tiles[b])
#define TILE_DOT_BFLOAT16(c, a, b) tile_dot_bfloat16(tiles[c], tiles[a], tiles[b])
#define TILE_STORE(t, p, stride) \
    for (int i = 0; i < 16; i++) vstore16(tiles[t][i], 0, (int*) ((char*) (p) + i * (size_t) (stride)))
#define TILE_RELEASE()

#ifdef DOT4
void tile_dot(int16* c, const int16* a, const int16* b) {
    for (int i = 0; i < 16; i++) {
        uint quads[16];
        vstore16(as_uint16(a[i]), 0, quads);
        int16 sum = c[i];
        for (int k = 0; k < 16; k++) sum = dot4(sum, quads[k], b[k]);
        c[i] = sum;
    }
}
#endif

// Without what is below the smallest normal number.
float16 tile_normal(const float16 v) {
    return select(v, (float16) 0.0f, isless(fabs(v), (float16) 0x1p-126f));
}

// In the order that Intel's manual gives: the first of all pairs and the second of all pairs are summed up apart from each
// other, and together they are added to what was there.
void tile_dot_bfloat16(int16* c, const int16* a, const int16* b) {
    float16 first[16];
    float16 second[16];
    for (int k = 0; k < 16; k++) {
        first[k] = tile_normal(as_float16(b[k] << 16));
        second[k] = tile_normal(as_float16(b[k] & (int) 0xffff0000));
    }
    for (int i = 0; i < 16; i++) {
        float16 a_first = tile_normal(as_float16(a[i] << 16));
        float16 a_second = tile_normal(as_float16(a[i] & (int) 0xffff0000));
        float firsts[16];
        float seconds[16];
        vstore16(a_first, 0, firsts);
        vstore16(a_second, 0, seconds);
        float16 sum_first = 0.0f;
        float16 sum_second = 0.0f;
        for (int k = 0; k < 16; k++) {
            sum_first = tile_normal(fma((float16) firsts[k], first[k], sum_first));
            sum_second = tile_normal(fma((float16) seconds[k], second[k], sum_second));
        }
        const float16 sum = tile_normal(tile_normal(as_float16(c[i])) + tile_normal(sum_first + sum_second));
        c[i] = as_int16(sum);
    }
}
#endif
