// What the kernels of a rough selection have in common; see rough_weights.cl.
//
// PANELS: panels of one work-item, 1 to 16
// TILE: 6

#if defined(__AVX2__)
#define DOT4 3
#else
#define DOT4 4
#endif

#define ROUGH_PANEL_BYTES(depth) (16 * (depth) + 256)

// A weight is a whole number from -63 to 63 and lies there as so much more.
#define ROUGH_MOST 63
#define ROUGH_BIAS 64

// Numbers of a row beside its whole numbers: its scale, its Euclidean length, the length of what rounding left, and in 32
// bits what its sums begin with.
#define ROUGH_SIDES 4

// What sums of k products of float32 lose at most, in shares of the lengths' product: twice and more.
#define ROUGH_LOST(k) ((k) * 1.2e-7f + 1e-5f)

// A length is at least what may be lost where squares are too small for float32.
#define ROUGH_LENGTH(squares, k) (sqrt(squares) * (1.0f + ROUGH_LOST(k)) + sqrt((float) (k)) * 1.2e-19f)
