// What the logits of each panel of 16 columns are at most.
//
//   peaks: [rows][panels]      global id: group of PANELS panels * blocks + block of TILE rows

void rough_panels(
    const int left, __global const Number* x, __global const float* row_sides, const int panels, const int depth,
    __global const char* weight, __global float* peaks, const int group) {
    const int end = min(panels, (group + 1) * PANELS);
    for (int panel = group * PANELS; panel < end; panel++) {
        __global const char* w = weight + (size_t) panel * ROUGH_PANEL_BYTES(depth);
        if (left > 4) {
            ROUGH_TILE(6)(x, left, depth, w, row_sides, peaks + panel, panels);
        } else if (left > 2) {
            ROUGH_TILE(4)(x, left, depth, w, row_sides, peaks + panel, panels);
        } else if (left == 2) {
            ROUGH_TILE(2)(x, left, depth, w, row_sides, peaks + panel, panels);
        } else {
            ROUGH_TILE(1)(x, left, depth, w, row_sides, peaks + panel, panels);
        }
    }
}

SINGLE rough_peaks(
    RUN, SIZE(rows), const int panels, const int depth, __global const Number* x, __global const float* row_sides,
    __global const char* weight, __global float* peaks) {
    const int rows = LENGTH(rows);
    const int blocks = max(1, (rows + TILE - 1) / TILE);
    const int group = ITEM(0) / blocks;
    const int first = (ITEM(0) - group * blocks) * TILE;
    const int left = min(TILE, rows - first);
    if (left > 0) {
        rough_panels(
            left, x + (size_t) first * depth, row_sides + first * ROUGH_SIDES, panels, depth, weight,
            peaks + (size_t) first * panels, group);
    }
}
