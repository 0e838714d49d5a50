// How the weights of products are stored.
//
// WEIGHTS: 0 float32, 1 IEEE half, 2 bfloat16 (the upper half of a float); sums are float32 whatever this is, and the
//          conversions exact, so a product is to the bit what float32 gives with the rounded weights
//          3 whole numbers of 8 bits with a scale per row of the weight: see linear_int8_cpu.cl
//          4 bfloat16 for tiles, 5 two of them for a number, the second what the first leaves: see linear_bfloat16_amx.cl
//          6 half in the same places as 4: see linear_mma.cl
// NEIGHBOURS: numbers of WEIGHTS 3 that lie together, neighbours in k: 2, or 4, which is what processors with a product
//             of four bytes take; see linear_int8_quads.cl
// BIASED: 1 where the four are numbers without a sign: of a number v, 127 + v lies at even k and 127 - v at odd k; see
//         quantize.cl

#ifndef WEIGHTS
#define WEIGHTS 0
#endif

#if WEIGHTS == 0
typedef float Stored;
#define WEIGHT(i, p) ((p)[i])
#define WEIGHT16(v, p) vload16(v, p)
#elif WEIGHTS == 1
typedef half Stored;
#define WEIGHT(i, p) vload_half(i, p)
#define WEIGHT16(v, p) vload_half16(v, p)
#elif WEIGHTS == 2
typedef ushort Stored;
#define WEIGHT(i, p) as_float((uint) (p)[i] << 16)
#define WEIGHT16(v, p) as_float16(convert_uint16(vload16(v, p)) << 16)
#elif WEIGHTS == 3
typedef char Stored;
#ifndef NEIGHBOURS
#define NEIGHBOURS 2
#endif
#ifndef BIASED
#define BIASED 0
#endif
// The number of column k that is stored as `b`.
#if BIASED
#define STORED_NUMBER(b, k) ((k) % 2 ? 127 - (uchar) (b) : (uchar) (b) - 127)
#else
#define STORED_NUMBER(b, k) (b)
#endif
// k as it is stored, and the bytes of a panel of 16 columns: so many numbers each, then a scale each, then, for four
// neighbours with a sign, a correction each.
#if NEIGHBOURS == 4
#define STORED_DEPTH(k) (((k) + 63) / 64 * 64)
#define PANEL_BYTES(depth) (16 * (depth) + (BIASED ? 64 : 128))
#else
#define STORED_DEPTH(k) (((k) + 1) / 2 * 2)
#define PANEL_BYTES(depth) (16 * (depth) + 64)
#endif
#else
typedef ushort Stored;
// Numbers of two bytes for one; k as it is stored; the numbers of a panel of 16 columns, and the one of column c at k in it.
#define HALVES (WEIGHTS == 5 ? 2 : 1)
#define STORED_DEPTH(k) (((k) + 31) / 32 * 32)
#define PANEL_HALVES(depth) (16 * HALVES * (depth))
#define PAIRED_AT(c, k) ((k) / 32 * 512 * HALVES + (k) % 32 / 2 * 32 + (c) * 2 + (k) % 2)
#define FIRST_HALF(p) as_float((uint) (p)[0] << 16)
#if WEIGHTS == 4
#define PAIRED(p) FIRST_HALF(p)
#elif WEIGHTS == 6
#define PAIRED(p) vload_half(0, (__global const half*) (p))
#else
#define PAIRED(p) (FIRST_HALF(p) + FIRST_HALF((p) + 512))
#endif
#endif
