// What the kernels of a rough selection have in common; see rough_weights.cl.
//
// PANELS: panels of one work-item, 1 to 16
// TILE: 6

#define ROUGH_PANEL_BYTES(depth) (16 * (depth) + 256)

// Numbers of a row beside its whole numbers: its scale, its Euclidean length, the length of what rounding left, nothing.
#define ROUGH_SIDES 4

// What sums of k products of float32 lose at most, in shares of the lengths' product: twice and more.
#define ROUGH_LOST(k) ((k) * 1.2e-7f + 1e-5f)
