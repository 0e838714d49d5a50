// out = activation(x Wt + bias) + residual for CPU devices, with x and W as whole numbers from -127 to 127: sums are
// exact in 32 bits (K up to 131,072), and a row of x and a row of W have a scale each.
//
//   weights, a panel:  | [depth / 2][16 columns][2 neighbours of k] in 8 bits | [16] float32 scales |
//   the last panel and an odd k filled up with zeros;  x: rows of `depth` numbers of 16 bits, see quantize.cl
//
// One work-item computes TILE rows by so many panels; the panels of neighbouring items follow each other in memory. Every
// element is one exact sum and the same few roundings, whatever tile it falls into.
//
// TILE: 6 is what 16 registers hold.
// panels: of a work-item;  ahead: has no meaning here, see AHEAD

#ifndef TILE
#define TILE 6
#endif

// The panels of one group by the rows from `first` on, with the numbers and scales of these rows.
void int8_panels(
    const int left, __global const short* x, __global const float* scales, const int n, const int depth,
    __global float* out, __global const char* weight, __global const float* bias, __global const float* residual,
    const int activation, const int group, const int panels, const int ahead) {
    const int end = min((n + 15) / 16, (group + 1) * panels);
    for (int panel = group * panels; panel < end; panel++) {
        const int column = panel * 16;
        __global const char* w = weight + (size_t) panel * PANEL_BYTES(depth);
        __global const float* ws = (__global const float*) (w + 16 * depth);
        __global float* o = out + column;
        __global const float* b = bias ? bias + column : 0;
        __global const float* r = residual ? residual + column : 0;
        if (left > 4) {
            TILE_OF(6)(x, left, depth, w, scales, ws, o, n, n - column, activation, b, r);
        } else if (left > 2) {
            TILE_OF(4)(x, left, depth, w, scales, ws, o, n, n - column, activation, b, r);
        } else if (left == 2) {
            TILE_OF(2)(x, left, depth, w, scales, ws, o, n, n - column, activation, b, r);
        } else {
            TILE_OF(1)(x, left, depth, w, scales, ws, o, n, n - column, activation, b, r);
        }
    }
}

// global id: group of panels * blocks + block of rows
SINGLE linear_int8(
    RUN, SIZE(rows), const int n, const int depth, OUT(float, out), __global const short* x,
    __global const float* scales, __global const char* weight, IN(float, bias), IN(float, residual), const int extras,
    const int activation, const int panels, const int ahead) {
    const int rows = LENGTH(rows);
    const int blocks = max(1, (rows + TILE - 1) / TILE);
    const int group = ITEM(0) / blocks;
    int first;
    const int left = int8_block(ITEM(0) - group * blocks, blocks, rows, &first);
    if (left > 0) {
        int8_panels(
            left, x + (size_t) first * depth, scales + first, n, depth, ARRAY(out) + (size_t) first * n, weight,
            extras & 1 ? ARRAY(bias) : 0, extras & 2 ? ARRAY(residual) + (size_t) first * n : 0, activation,
            group, panels, ahead);
    }
}
