// The TOP best of a row of logits, for GPU devices: a work-group of LANES per row; lane l looks after tokens l,
// l + LANES, ...
//
//   1. one pass: each lane's best, and its sum of exponentials, corrected whenever a better one turns up
//   2. the edits, each by the lane of its token; a lane whose best has become worse looks for another
//   3. the TOP-th of the lanes' bests is a bound, which only the tokens of TOP lanes can reach: these lanes put what
//      reaches it into a list, and each of the list counts how many go before it. One best needs no list.
//   4. if the list is too short (a few lanes have nearly all of the best), one after the other: a tree finds the best of
//      all, and only the lane that had it looks for its next
//
// A token's key is its logit in the high bits, so that larger keys are better, and its id inverted in the low ones: of equal
// logits the smaller id comes first. No two keys are equal; zero is the key of no token.
//
// LANES: 32 to 256, a power of two
// LIST:  tokens that the list takes

#ifndef LANES
#define LANES 256
#endif
#ifndef LIST
#define LIST 1024
#endif
#define AT_ONCE 8   // logits that a lane asks for before it looks at the first

ulong key_of(const float logit, const int token) {
    // Both zeros are equal.
    const int bits = as_int(rank_of(logit) + 0.0f);
    return (ulong) (uint) (bits < 0 ? ~bits : bits ^ (1 << 31)) << 32 | (uint) ~token;
}

int token_of(const ulong key) {
    return key ? (int) ~(uint) key : -1;
}

// Some logits of a lane; what does not exist is below all.
void some_of(float* x, __global const float* logits, const int from, const int n) {
    #pragma unroll
    for (int i = 0; i < AT_ONCE; i++) x[i] = from + i * LANES < n ? logits[from + i * LANES] : -INFINITY;
}

__kernel __attribute__((reqd_work_group_size(LANES, 1, 1))) void select_top(
    RUN, SIZE(rows), const int n, SIZE(top), SIZE(scored), OUT(int, ids), OUT(float, values),
    OUT(float, log_sum), OUT(float, logits), IN(int, normalise), IN(int, edit_offsets), IN(int, edit_tokens),
    IN(int, edit_kinds), IN(float, edit_amounts)) {
    __local float parts[LANES];
    __local ulong keys[LANES];
    __local ulong list[LIST];
    __local ulong bound;
    __local int listed;
    const int lane = (int) get_local_id(0);
    const int r = (int) get_group_id(0);
    ONLY_ROWS(r);
    const int top = LENGTH(top);
    const bool normalised = ARRAY(normalise)[r] != 0;
    const bool sums = normalised || LENGTH(scored) > 0;
    __global float* logits = ARRAY(logits) + (size_t) r * n;

    float high = -INFINITY;
    float part = 0.0f;
    int best = lane;
    for (int from = lane; from < n; from += AT_ONCE * LANES) {
        float x[AT_ONCE];
        some_of(x, logits, from, n);
        const float before = high;
        #pragma unroll
        for (int i = 0; i < AT_ONCE; i++) {
            if (x[i] > high) {
                high = x[i];
                best = from + i * LANES;
            }
        }
        if (sums) {
            const float finite = high == -INFINITY ? 0.0f : high;
            part *= exp(before - finite);
            #pragma unroll
            for (int i = 0; i < AT_ONCE; i++) part += exp(x[i] - finite);
        }
    }
    ulong key = lane < n ? key_of(high, best) : 0;
    if (lane == 0) {
        bound = 0;
        listed = 0;
    }

    parts[lane] = high;
    barrier(CLK_LOCAL_MEM_FENCE);
    for (int step = sums ? LANES / 2 : 0; step > 0; step /= 2) {
        if (lane < step) parts[lane] = fmax(parts[lane], parts[lane + step]);
        barrier(CLK_LOCAL_MEM_FENCE);
    }
    const float highest = parts[0];
    barrier(CLK_LOCAL_MEM_FENCE);
    parts[lane] = part * exp(high - highest);
    barrier(CLK_LOCAL_MEM_FENCE);
    for (int step = sums ? LANES / 2 : 0; step > 0; step /= 2) {
        if (lane < step) parts[lane] += parts[lane + step];
        barrier(CLK_LOCAL_MEM_FENCE);
    }
    const float sum = isinf(highest) ? highest : highest + log(parts[0]);
    const float less = normalised ? sum : 0.0f;
    if (sums && lane == 0) ARRAY(log_sum)[r] = sum;

    __global const int* edits = ARRAY(edit_tokens);
    const int last = ARRAY(edit_offsets)[r + 1];
    bool again = false;
    for (int e = ARRAY(edit_offsets)[r]; e < last; e++) {
        const int token = edits[e];
        if (token % LANES == lane) {
            edit(logits, less, e, e + 1, edits, ARRAY(edit_kinds), ARRAY(edit_amounts));
            const ulong edited = key_of(logits[token], token);
            again |= token == token_of(key) && edited < key;
            key = max(key, edited);
        }
    }
    if (again) {
        key = 0;
        for (int from = lane; from < n; from += AT_ONCE * LANES) {
            float x[AT_ONCE];
            some_of(x, logits, from, n);
            #pragma unroll
            for (int i = 0; i < AT_ONCE; i++) {
                if (from + i * LANES < n) key = max(key, key_of(x[i], from + i * LANES));
            }
        }
    }

    keys[lane] = key;
    // Global too: whoever writes a value reads what another lane may have edited.
    barrier(CLK_LOCAL_MEM_FENCE | CLK_GLOBAL_MEM_FENCE);
    for (int step = top == 1 ? LANES / 2 : 0; step > 0; step /= 2) {
        if (lane < step) keys[lane] = max(keys[lane], keys[lane + step]);
        barrier(CLK_LOCAL_MEM_FENCE);
    }
    int ahead = 0;
    for (int l = 0; l < (top == 1 ? 1 : LANES); l++) ahead += keys[l] > key;
    // Where fewer lanes have a token there is no bound.
    if (key && ahead == top - 1) bound = key;
    barrier(CLK_LOCAL_MEM_FENCE);
    if (key && key >= bound) {
        const int first = atomic_inc(&listed);
        if (first < LIST) list[first] = key;
        for (int from = top > 1 ? lane : n; from < n; from += AT_ONCE * LANES) {
            float x[AT_ONCE];
            some_of(x, logits, from, n);
            #pragma unroll
            for (int i = 0; i < AT_ONCE; i++) {
                const ulong other = key_of(x[i], from + i * LANES);
                if (from + i * LANES < n && other >= bound && other != key) {
                    const int at = atomic_inc(&listed);
                    if (at < LIST) list[at] = other;
                }
            }
        }
    }
    barrier(CLK_LOCAL_MEM_FENCE);

    __global int* ids = ARRAY(ids) + (size_t) r * top;
    __global float* values = ARRAY(values) + (size_t) r * top;
    const int all = listed;
    const int found = all > LIST ? 0 : all;
    for (int i = lane; i < found; i += LANES) {
        const ulong mine = list[i];
        int place = 0;
        for (int j = 0; j < found; j++) place += list[j] > mine;
        if (place < top) {
            ids[place] = token_of(mine);
            values[place] = value_of(logits[token_of(mine)], less);
        }
    }
    for (int i = all + lane; i < top; i += LANES) {
        ids[i] = -1;
        values[i] = -INFINITY;
    }
    for (int i = all > LIST ? 0 : top; i < top; i++) {
        keys[lane] = key;
        barrier(CLK_LOCAL_MEM_FENCE);
        for (int step = LANES / 2; step > 0; step /= 2) {
            if (lane < step) keys[lane] = max(keys[lane], keys[lane + step]);
            barrier(CLK_LOCAL_MEM_FENCE);
        }
        const ulong taken = keys[0];
        barrier(CLK_LOCAL_MEM_FENCE);
        if (taken == key) {
            ids[i] = token_of(taken);
            values[i] = value_of(logits[token_of(taken)], less);
            key = 0;
            for (int t = lane; t < n; t += LANES) {
                const ulong other = key_of(logits[t], t);
                if (other < taken) key = max(key, other);
            }
        }
    }
}
