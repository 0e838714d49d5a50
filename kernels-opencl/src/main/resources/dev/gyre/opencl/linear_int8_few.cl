// The product of linear_int8_cpu.cl or linear_int8_quads.cl for at most FEW rows, which every work-item makes numbers of
// itself, in its own part of `numbers`: that is faster than to wait for another kernel.
//
// global id: group of panels
//
// FEW: rows up to which it is launched, at most 4

SINGLE linear_int8_few(
    RUN, SIZE(rows), const int n, const int k, const int depth, OUT(float, out), IN(float, x), __global Number* numbers,
    __global float* scales, __global const char* weight, IN(float, bias), IN(float, residual), const int extras,
    const int activation, const int panels, const int ahead) {
    const int group = ITEM(0);
    const int rows = min(FEW, LENGTH(rows));
    __global Number* own = numbers + (size_t) group * FEW * ROW_NUMBERS(depth);
    __global float* own_scales = scales + group * FEW;
    for (int r = 0; r < rows; r++) {
        own_scales[r] = quantize_row(ARRAY(x) + (size_t) r * k, k, depth, own + (size_t) r * ROW_NUMBERS(depth));
    }
    if (rows > 0) {
        int8_panels(
            rows, own, own_scales, n, depth, ARRAY(out), weight, extras & 1 ? ARRAY(bias) : 0,
            extras & 2 ? ARRAY(residual) : 0, activation,
            group, panels, ahead);
    }
}
