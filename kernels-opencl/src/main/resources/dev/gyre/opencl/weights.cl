// How the weights of products are stored. Sums are float32 whatever this is.
//
// WEIGHTS: 0 float32, 1 IEEE half, 2 bfloat16 (the upper half of a float)
//
// The conversions are exact, so a product is to the bit what float32 gives with the rounded weights.

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
#else
typedef ushort Stored;
#define WEIGHT(i, p) as_float((uint) (p)[i] << 16)
#define WEIGHT16(v, p) as_float16(convert_uint16(vload16(v, p)) << 16)
#endif
