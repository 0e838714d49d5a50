// sum = x + residual; out = norm(sum) * gamma + beta, for CPU devices: one work-item per row of d.
//
//   mean, then the squares around it (two passes: no cancellation), then the row; 16 lanes, the rest one by one.
//   RMS leaves the mean out. extras: 1 residual, 2 beta, 4 sum is wanted, 8 RMS

float16 row16(__global const float* x, __global const float* residual, const int c) {
    const float16 v = vload16(0, x + c);
    return residual ? v + vload16(0, residual + c) : v;
}

float row1(__global const float* x, __global const float* residual, const int c) {
    return residual ? x[c] + residual[c] : x[c];
}

float norm_across(const float16 v) {
    const float8 a = v.lo + v.hi;
    const float4 b = a.lo + a.hi;
    const float2 c = b.lo + b.hi;
    return c.x + c.y;
}

SINGLE norm(
    RUN, SIZE(rows), const int d, OUT(float, out), OUT(float, sum), IN(float, x),
    IN(float, residual), IN(float, gamma), IN(float, beta), const int extras, const float epsilon) {
    const int r = ITEM(0);
    if (r >= LENGTH(rows)) return;
    __global const float* x = ARRAY(x) + (size_t) r * d;
    __global const float* residual = extras & 1 ? ARRAY(residual) + (size_t) r * d : 0;
    __global const float* gamma = ARRAY(gamma);
    __global const float* beta = extras & 2 ? ARRAY(beta) : 0;
    __global float* sum = extras & 4 ? ARRAY(sum) + (size_t) r * d : 0;
    __global float* out = ARRAY(out) + (size_t) r * d;
    const int whole = d / 16 * 16;
    float mean = 0.0f;
    if (!(extras & 8)) {
        float16 lanes = 0.0f;
        float rest = 0.0f;
        for (int c = 0; c < whole; c += 16) lanes += row16(x, residual, c);
        for (int c = whole; c < d; c++) rest += row1(x, residual, c);
        mean = (norm_across(lanes) + rest) / d;
    }
    float16 lanes = 0.0f;
    float rest = 0.0f;
    for (int c = 0; c < whole; c += 16) {
        const float16 v = row16(x, residual, c) - mean;
        lanes = fma(v, v, lanes);
    }
    for (int c = whole; c < d; c++) {
        const float v = row1(x, residual, c) - mean;
        rest = fma(v, v, rest);
    }
    const float scale = 1.0f / sqrt((norm_across(lanes) + rest) / d + epsilon);
    for (int c = 0; c < whole; c += 16) {
        const float16 s = row16(x, residual, c);
        float16 v = (s - mean) * scale * vload16(0, gamma + c);
        if (beta) v += vload16(0, beta + c);
        if (sum) vstore16(s, 0, sum + c);
        vstore16(v, 0, out + c);
    }
    for (int c = whole; c < d; c++) {
        const float s = row1(x, residual, c);
        float v = (s - mean) * scale * gamma[c];
        if (beta) v += beta[c];
        if (sum) sum[c] = s;
        out[c] = v;
    }
}
