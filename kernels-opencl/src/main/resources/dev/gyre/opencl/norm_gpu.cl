// sum = x + residual; out = norm(sum) * gamma + beta, for GPU devices: a work-group of LANES per row of d.
//
//   lane l takes columns l, l + LANES, ...; partial sums meet in local memory as a tree of fixed shape, so a row's
//   result does not depend on the others. Mean first, then the squares around it.
//   RMS leaves the mean out. extras: 1 residual, 2 beta, 4 sum is wanted, 8 RMS
//
// LANES: 32 to 256, a power of two

#ifndef LANES
#define LANES 64
#endif

float across(const float mine, const int lane, __local float* shared) {
    shared[lane] = mine;
    barrier(CLK_LOCAL_MEM_FENCE);
    for (int step = LANES / 2; step > 0; step /= 2) {
        if (lane < step) shared[lane] += shared[lane + step];
        barrier(CLK_LOCAL_MEM_FENCE);
    }
    const float all = shared[0];
    barrier(CLK_LOCAL_MEM_FENCE);
    return all;
}

__kernel __attribute__((reqd_work_group_size(LANES, 1, 1))) void norm(
    RUN, SIZE(rows), const int d, OUT(float, out), OUT(float, sum), IN(float, x),
    IN(float, residual), IN(float, gamma), IN(float, beta), const int extras, const float epsilon) {
    __local float shared[LANES];
    const int lane = (int) get_local_id(0);
    const int r = (int) get_group_id(0);
    ONLY_ROWS(r);
    __global const float* x = ARRAY(x) + (size_t) r * d;
    __global const float* residual = extras & 1 ? ARRAY(residual) + (size_t) r * d : 0;
    __global const float* gamma = ARRAY(gamma);
    __global const float* beta = extras & 2 ? ARRAY(beta) : 0;
    __global float* sum = extras & 4 ? ARRAY(sum) + (size_t) r * d : 0;
    __global float* out = ARRAY(out) + (size_t) r * d;
    float mean = 0.0f;
    if (!(extras & 8)) {
        float part = 0.0f;
        for (int c = lane; c < d; c += LANES) part += residual ? x[c] + residual[c] : x[c];
        mean = across(part, lane, shared) / d;
    }
    float part = 0.0f;
    for (int c = lane; c < d; c += LANES) {
        const float v = (residual ? x[c] + residual[c] : x[c]) - mean;
        part = fma(v, v, part);
    }
    const float scale = 1.0f / sqrt(across(part, lane, shared) / d + epsilon);
    for (int c = lane; c < d; c += LANES) {
        const float s = residual ? x[c] + residual[c] : x[c];
        float v = (s - mean) * scale * gamma[c];
        if (beta) v += beta[c];
        if (sum) sum[c] = s;
        out[c] = v;
    }
}
