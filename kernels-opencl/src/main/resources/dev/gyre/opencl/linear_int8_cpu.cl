// out = activation(x Wt + bias) + residual for CPU devices, with x and W as whole numbers from -127 to 127: sums are
// exact in 32 bits (K up to 131,072), and a row of x and a row of W have a scale each.
//
//   weights, a panel:  | [depth / 2][16 columns][2 neighbours of k] in 8 bits | [16] float32 scales |
//   the last panel and an odd k filled up with zeros;  x: rows of `depth` numbers of 16 bits, see quantize.cl
//
// One work-item computes TILE rows by PANELS panels; the panels of neighbouring items follow each other in memory. Every
// element is one exact sum and the same few roundings, whatever tile it falls into.
//
// TILE: 6 is what 16 registers hold.
// PANELS: 1 to 16
// AHEAD: steps of two k, how far ahead weights are asked for

#ifndef TILE
#define TILE 6
#endif
#ifndef PANELS
#define PANELS 4
#endif

// global id: group of panels * blocks + block of rows
__kernel __attribute__((reqd_work_group_size(1, 1, 1))) void linear_int8(
    RUN, SIZE(rows), const int n, const int depth, OUT(float, out), __global const short* x,
    __global const float* scales, __global const char* weight, IN(float, bias), IN(float, residual), const int extras,
    const int activation) {
    const int rows = LENGTH(rows);
    const int blocks = max(1, (rows + TILE - 1) / TILE);
    const int group = (int) get_global_id(0) / blocks;
    const int first = ((int) get_global_id(0) - group * blocks) * TILE;
    const int panels = (n + 15) / 16;
    const int left = min(TILE, rows - first);
    x += (size_t) first * depth;
    scales += first;
    const int end = min(panels, (group + 1) * PANELS);
    for (int panel = group * PANELS; panel < end && left > 0; panel++) {
        const int column = panel * 16;
        __global const char* w = weight + (size_t) panel * PANEL_BYTES(depth);
        __global const float* ws = (__global const float*) (w + 16 * depth);
        __global float* o = ARRAY(out) + (size_t) first * n + column;
        __global const float* b = extras & 1 ? ARRAY(bias) + column : 0;
        __global const float* r = extras & 2 ? ARRAY(residual) + (size_t) first * n + column : 0;
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
