// The TOP best of a row of logits, for GPU devices: a work-group of LANES per row.
//
//   lane l looks after tokens l, l + LANES, ...; maximum and sum meet in local memory; lane 0 does the edits. Then
//   each lane knows the best of its own tokens; a tree finds the best of all, and only the lane that had it looks for
//   its next. Of equal logits the smaller id comes first.
//
// LANES: 32 to 256, a power of two

#ifndef LANES
#define LANES 256
#endif

bool before(const float rank_a, const int a, const float rank_b, const int b) {
    if (a < 0 || b < 0) return a >= 0;
    return rank_a > rank_b || (rank_a == rank_b && a < b);
}

__kernel __attribute__((reqd_work_group_size(LANES, 1, 1))) void select_top(
    RUN, SIZE(rows), const int n, SIZE(top), OUT(int, ids), OUT(float, values),
    OUT(float, log_sum), OUT(float, logits), IN(int, normalise), IN(int, edit_offsets), IN(int, edit_tokens),
    IN(int, edit_kinds), IN(float, edit_amounts)) {
    __local float ranks[LANES];
    __local int tokens[LANES];
    const int lane = (int) get_local_id(0);
    const int r = (int) get_group_id(0);
    ONLY_ROWS(r);
    const int top = LENGTH(top);
    __global float* logits = ARRAY(logits) + (size_t) r * n;

    float high = -INFINITY;
    for (int t = lane; t < n; t += LANES) high = fmax(high, logits[t]);
    ranks[lane] = high;
    barrier(CLK_LOCAL_MEM_FENCE);
    for (int step = LANES / 2; step > 0; step /= 2) {
        if (lane < step) ranks[lane] = fmax(ranks[lane], ranks[lane + step]);
        barrier(CLK_LOCAL_MEM_FENCE);
    }
    const float highest = ranks[0];
    barrier(CLK_LOCAL_MEM_FENCE);
    float part = 0.0f;
    if (!isinf(highest)) {
        for (int t = lane; t < n; t += LANES) part += exp(logits[t] - highest);
    }
    ranks[lane] = part;
    // Global too: what every lane has read of the logits is about to be edited.
    barrier(CLK_LOCAL_MEM_FENCE | CLK_GLOBAL_MEM_FENCE);
    for (int step = LANES / 2; step > 0; step /= 2) {
        if (lane < step) ranks[lane] += ranks[lane + step];
        barrier(CLK_LOCAL_MEM_FENCE);
    }
    const float sum = isinf(highest) ? highest : highest + log(ranks[0]);
    const float less = ARRAY(normalise)[r] ? sum : 0.0f;
    if (lane == 0) {
        ARRAY(log_sum)[r] = sum;
        __global const int* offsets = ARRAY(edit_offsets);
        edit(logits, less, offsets[r], offsets[r + 1], ARRAY(edit_tokens), ARRAY(edit_kinds), ARRAY(edit_amounts));
    }
    barrier(CLK_LOCAL_MEM_FENCE | CLK_GLOBAL_MEM_FENCE);

    __global int* ids = ARRAY(ids) + (size_t) r * top;
    __global float* values = ARRAY(values) + (size_t) r * top;
    float mine = -INFINITY;
    int token = -1;
    for (int t = lane; t < n; t += LANES) {
        const float rank = rank_of(logits[t]);
        if (before(rank, t, mine, token)) {
            mine = rank;
            token = t;
        }
    }
    for (int i = 0; i < top; i++) {
        ranks[lane] = mine;
        tokens[lane] = token;
        barrier(CLK_LOCAL_MEM_FENCE);
        for (int step = LANES / 2; step > 0; step /= 2) {
            if (lane < step && before(ranks[lane + step], tokens[lane + step], ranks[lane], tokens[lane])) {
                ranks[lane] = ranks[lane + step];
                tokens[lane] = tokens[lane + step];
            }
            barrier(CLK_LOCAL_MEM_FENCE);
        }
        const int best = tokens[0];
        const float rank = ranks[0];
        barrier(CLK_LOCAL_MEM_FENCE);
        if (lane == 0) {
            ids[i] = best;
            values[i] = best < 0 ? -INFINITY : value_of(logits[best], less);
        }
        if (best >= 0 && best == token) {
            // The next of this lane: the best of those that come after the one just taken.
            mine = -INFINITY;
            token = -1;
            for (int t = lane; t < n; t += LANES) {
                const float other = rank_of(logits[t]);
                if (before(rank, best, other, t) && t != best && before(other, t, mine, token)) {
                    mine = other;
                    token = t;
                }
            }
        }
    }
}
