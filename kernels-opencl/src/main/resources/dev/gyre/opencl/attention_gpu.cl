// softmax(scale q Kt + bias) V for GPU devices: a work-group of LANES per query row and head.
//
//   keys pass in groups of LANES: lane j scores key j -> the group's maximum and sum meet in local memory
//   -> lanes turn to the columns of V (lane l: columns l, l + LANES, ...) and add the group's rows (online softmax).
//
// HEAD: size of a head, at least 1
// LANES: 32 to 256, a power of two

#ifndef HEAD
#define HEAD 64
#endif
#ifndef LANES
#define LANES 64
#endif
#define PARTS ((HEAD + LANES - 1) / LANES)

// group (head, row); local (LANES, 1)
__kernel __attribute__((reqd_work_group_size(LANES, 1, 1))) void attention(
    RUN, SIZE(rows), const int heads, const int grouped, const float scale, OUT(float, out),
    IN(float, query), const int query_stride, IN(float, key), const int key_stride, IN(float, value),
    const int value_stride, KEYS_ARGUMENTS, const int extras, IN(float, bias), const int bias_rows, const int center,
    OUT(float, weights), SIZE(width)) {
    __local float query[HEAD];
    __local float share[LANES];
    __local float tree[LANES];
    __local int at[LANES];
    const int lane = (int) get_local_id(0);
    const int h = (int) get_group_id(0);
    const int r = (int) get_group_id(1);
    ONLY_ROWS(r);
    const Keys keys = KEYS_OF(r);
    __global const float* q = ARRAY(query) + (size_t) r * query_stride + h * HEAD;
    __global const float* key = ARRAY(key) + h / grouped * HEAD;
    __global const float* value = ARRAY(value) + h / grouped * HEAD;
    __global const float* bias = ARRAY(bias);
    const int width = extras & 2 ? LENGTH(width) : 0;
    __global float* written = ARRAY(weights) + ((size_t) r * heads + h) * width;

    for (int i = lane; i < HEAD; i += LANES) query[i] = q[i];
    float mixed[PARTS];
    for (int i = 0; i < PARTS; i++) mixed[i] = 0.0f;
    float highest = -INFINITY;
    float sum = 0.0f;
    barrier(CLK_LOCAL_MEM_FENCE);
    for (int from = 0; from < keys.count; from += LANES) {
        const int many = min(LANES, keys.count - from);
        float score = -INFINITY;
        if (lane < many) {
            const size_t row = key_row(&keys, from + lane);
            __global const float* kj = key + row * key_stride;
            float dot = 0.0f;
            for (int i = 0; i < HEAD; i++) dot = fma(query[i], kj[i], dot);
            score = dot * scale;
            if (extras & 1) score += bias_of(bias, bias_rows, center, heads, h, from + lane, keys.query);
            at[lane] = (int) row;
            if (from + lane < width) written[from + lane] = score;
        }
        tree[lane] = score;
        barrier(CLK_LOCAL_MEM_FENCE);
        for (int step = LANES / 2; step > 0; step /= 2) {
            if (lane < step) tree[lane] = fmax(tree[lane], tree[lane + step]);
            barrier(CLK_LOCAL_MEM_FENCE);
        }
        const float higher = fmax(highest, tree[0]);
        const float less = exp(highest - higher);
        barrier(CLK_LOCAL_MEM_FENCE);
        const float mine = lane < many ? exp(score - higher) : 0.0f;
        share[lane] = mine;
        tree[lane] = mine;
        barrier(CLK_LOCAL_MEM_FENCE);
        for (int step = LANES / 2; step > 0; step /= 2) {
            if (lane < step) tree[lane] += tree[lane + step];
            barrier(CLK_LOCAL_MEM_FENCE);
        }
        sum = sum * less + tree[0];
        highest = higher;
        for (int i = 0; i < PARTS; i++) {
            const int c = lane + i * LANES;
            if (c < HEAD) {
                float m = mixed[i] * less;
                for (int j = 0; j < many; j++) m = fma(share[j], value[(size_t) at[j] * value_stride + c], m);
                mixed[i] = m;
            }
        }
        barrier(CLK_LOCAL_MEM_FENCE);
    }
    const float part = keys.count > 0 ? 1.0f / sum : 0.0f;
    __global float* out = ARRAY(out) + ((size_t) r * heads + h) * HEAD;
    for (int i = 0; i < PARTS; i++) {
        if (lane + i * LANES < HEAD) out[lane + i * LANES] = mixed[i] * part;
    }
    // Lane l wrote the scores l, l + LANES, ...: the same lane finishes them.
    for (int j = lane; j < width; j += LANES) written[j] = j < keys.count ? exp(written[j] - highest) * part : 0.0f;
}
