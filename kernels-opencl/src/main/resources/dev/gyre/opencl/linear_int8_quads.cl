// The product of linear_int8_cpu.cl for processors that multiply bytes four at a time (VNNI: see dot4.cl; AMX: see
// linear_int8_amx.cl), to the bit what that one gives.
//
//   weights, a panel:  | [depth / 4][16 columns][4 neighbours of k] in 8 bits | [16] float32 scales | [16] int32 corrections |
//   depth: k, filled up with zeros to a multiple of 64; the last panel likewise
//   x: rows of `depth` bytes that are 128 more than they mean, see quantize.cl
//
// A correction is -128 times the sum of its column: sums that begin with it are those of x without the 128. Sums wrap
// around on their way, and are exact in 32 bits where they end (K up to 131,072).
//
// One work-item computes TILE rows by so many panels; the panels of neighbouring items follow each other in memory.
//
// TILE, WIDE: rows and panels of a register tile. 12 by 2 is what 32 registers of 512 bits hold, 6 by 1 what 16 of 256 do
// PANELS: how many panels get at once what their sums begin with
// panels: of a work-item, a multiple of WIDE;  ahead: steps of four k, how far ahead weights are asked for

#if BIASED
// What the sums of a row begin with in PANELS panels, of which those behind the last are the last: its correction, and
// what was taken off its numbers.
void start_sums(
    __global const Number* row, const int depth, __global const char* weight, const int first, const int last,
    int16* starts) {
    __global const int* head = (__global const int*) (row + depth);
    __global const int2* list = (__global const int2*) (row + depth + 64);
    int16 sum[PANELS];
    __global const char* ws[PANELS];
    #pragma unroll
    for (int p = 0; p < PANELS; p++) {
        sum[p] = head[1];
        ws[p] = weight + (size_t) min(first + p, last) * PANEL_BYTES(depth);
    }
    const int count = head[0];
    for (int i = 0; i < count; i++) {
        const int2 more = list[i];
        #pragma unroll
        for (int p = 0; p < PANELS; p++) {
            sum[p] = dot4(sum[p], (uint) more.y, vload16(more.x, (__global const int*) ws[p]));
        }
    }
    #pragma unroll
    for (int p = 0; p < PANELS; p++) starts[p] = sum[p];
}
#endif

// The panels of one group by the rows from `first` on, with the numbers and scales of these rows.
void int8_panels(
    const int left, __global const Number* x, __global const float* scales, const int n, const int depth,
    __global float* out, __global const char* weight, __global const float* bias, __global const float* residual,
    const int activation, const int group, const int panels, const int ahead) {
    const int end = min((n + 15) / 16, (group + 1) * panels);
#if BIASED
    int16 starts[TILE * PANELS];
#define STARTS (starts + (panel - group * panels) % PANELS)
#else
#define STARTS 0
#endif
    for (int panel = group * panels; panel < end; panel += WIDE) {
#if BIASED
        if ((panel - group * panels) % PANELS == 0) {
            for (int i = 0; i < left; i++) {
                start_sums(x + (size_t) i * ROW_NUMBERS(depth), depth, weight, panel, end - 1, starts + i * PANELS);
            }
        }
#endif
        const int column = panel * 16;
        const int there = min(WIDE, end - panel);
        __global const char* w = weight + (size_t) panel * PANEL_BYTES(depth);
        __global float* o = out + column;
        __global const float* b = bias ? bias + column : 0;
        __global const float* r = residual ? residual + column : 0;
#if TILE > 8
        if (left > 8) {
            TILE_OF(TILE)(x, left, depth, w, there, ahead, STARTS, scales, o, n, n - column, activation, b, r);
        } else
#endif
        if (left > 4) {
            TILE_OF(BELOW)(x, left, depth, w, there, ahead, STARTS, scales, o, n, n - column, activation, b, r);
        } else if (left > 2) {
            TILE_OF(4)(x, left, depth, w, there, ahead, STARTS, scales, o, n, n - column, activation, b, r);
        } else if (left == 2) {
            TILE_OF(2)(x, left, depth, w, there, ahead, STARTS, scales, o, n, n - column, activation, b, r);
        } else {
            TILE_OF(1)(x, left, depth, w, there, ahead, STARTS, scales, o, n, n - column, activation, b, r);
        }
    }
}

// global id: group of panels * blocks + block of rows
SINGLE linear_int8(
    RUN, SIZE(rows), const int n, const int depth, OUT(float, out), __global const Number* x,
    __global const float* scales, __global const char* weight, IN(float, bias), IN(float, residual), const int extras,
    const int activation, const int panels, const int ahead) {
    const int rows = LENGTH(rows);
    const int blocks = max(1, (rows + TILE - 1) / TILE);
    const int group = ITEM(0) / blocks;
    const int first = (ITEM(0) - group * blocks) * TILE;
    const int left = min(TILE, rows - first);
    if (left > 0) {
        int8_panels(
            left, x + (size_t) first * ROW_NUMBERS(depth), scales + first, n, depth, ARRAY(out) + (size_t) first * n, weight,
            extras & 1 ? ARRAY(bias) : 0, extras & 2 ? ARRAY(residual) + (size_t) first * n : 0, activation,
            group, panels, ahead);
    }
}
