// The TOP best of a row of logits, for CPU devices: one work-item per row.
//
// A row is cut into blocks of 64 logits, or a multiple of that with more than 32,768; 32 blocks are a part.
//   1. of each part, while it lies in the first cache: the largest of every block, and the sum of exponentials, 16 lanes
//   2. the log of the sum of exponentials, from the parts    3. the edits, and the blocks they change
//   4. the TOP-th largest of the blocks' largest is a bound: only blocks that reach it are looked into. Ids ascend, and
//      only a larger one goes before another: of equal ones the smaller id stays first.

#define BLOCKS 512
#define PARTS_OF_ROW 16   // the lanes of a vector

float select_across(const float16 v) {
    const float8 a = v.lo + v.hi;
    const float4 b = a.lo + a.hi;
    return b.x + b.y + (b.z + b.w);
}

// The larger one; what is not a number is never larger. Only `b` may be none.
float16 select_larger(const float16 a, const float16 b) {
    return a < b ? b : a;
}

float select_largest(const float16 v) {
    const float8 a = v.lo < v.hi ? v.hi : v.lo;
    const float4 b = a.lo < a.hi ? a.hi : a.lo;
    const float2 c = b.lo < b.hi ? b.hi : b.lo;
    return c.x < c.y ? c.y : c.x;
}

// Up to 16 logits, filled up with what is below all.
float16 select_some(__global const float* logits, const int many) {
    float lanes[16];
    vstore16((float16) -INFINITY, 0, lanes);
    for (int i = 0; i < many; i++) lanes[i] = logits[i];
    return vload16(0, lanes);
}

float select_peak(__global const float* logits, const int many) {
    float16 high = -INFINITY;
    float16 other = -INFINITY;
    int t = 0;
    for (; t + 64 <= many; t += 64) {
        high = select_larger(select_larger(high, vload16(0, logits + t)), vload16(1, logits + t));
        other = select_larger(select_larger(other, vload16(2, logits + t)), vload16(3, logits + t));
    }
    high = select_larger(high, other);
    for (; t < many; t += 16) {
        high = select_larger(high, many - t < 16 ? select_some(logits + t, many - t) : vload16(0, logits + t));
    }
    return select_largest(high);
}

// The log of the sum of exponentials, if it is wanted; fills in the largest of each block.
float select_log_sum(__global const float* logits, const int n, const int block, float* peaks, const bool wanted) {
    float highs[PARTS_OF_ROW];
    float sums[PARTS_OF_ROW];
    for (int p = 0; p < PARTS_OF_ROW; p++) {
        const int first = p * (BLOCKS / PARTS_OF_ROW);
        const int from = min(n, first * block);
        const int to = min(n, from + BLOCKS / PARTS_OF_ROW * block);
        float high = -INFINITY;
        for (int t = from, b = first; t < to; t += block, b++) {
            peaks[b] = select_peak(logits + t, min(block, to - t));
            high = high < peaks[b] ? peaks[b] : high;
        }
        float16 lanes = 0.0f;
        if (wanted && !isinf(high)) {
            int t = from;
            for (; t + 16 <= to; t += 16) lanes += exp_below(vload16(0, logits + t) - high);
            if (t < to) lanes += exp_below(select_some(logits + t, to - t) - high);
        }
        highs[p] = high;
        sums[p] = select_across(lanes);
    }
    const float16 high = vload16(0, highs);
    const float highest = select_largest(high);
    return isinf(highest) ? highest : highest + log(select_across(vload16(0, sums) * exp_below(high - highest)));
}

// Puts a token behind all that are not worse; returns how many are kept.
int select_keep(float* ranks, int* ids, int kept, const int top, const float rank, const int id) {
    int at = kept < top ? kept : top - 1;
    for (; at > 0 && ranks[at - 1] < rank; at--) {
        ranks[at] = ranks[at - 1];
        ids[at] = ids[at - 1];
    }
    ranks[at] = rank;
    ids[at] = id;
    return kept < top ? kept + 1 : kept;
}

SINGLE select_top(
    RUN, SIZE(rows), const int n, SIZE(top), SIZE(scored), OUT(int, ids), OUT(float, values),
    OUT(float, log_sum), OUT(float, logits), IN(int, normalise), IN(int, edit_offsets), IN(int, edit_tokens),
    IN(int, edit_kinds), IN(float, edit_amounts)) {
    const int r = ITEM(0);
    if (r >= LENGTH(rows)) return;
    const int top = LENGTH(top);
    __global float* logits = ARRAY(logits) + (size_t) r * n;
    const int block = (n + BLOCKS * 64 - 1) / (BLOCKS * 64) * 64;
    const int blocks = (n + block - 1) / block;
    float peaks[BLOCKS];
    const bool normalised = ARRAY(normalise)[r] != 0;
    const bool sums = normalised || LENGTH(scored) > 0;
    const float sum = select_log_sum(logits, n, block, peaks, sums);
    if (sums) ARRAY(log_sum)[r] = sum;
    const float less = normalised ? sum : 0.0f;

    const int from = ARRAY(edit_offsets)[r];
    const int edits = ARRAY(edit_offsets)[r + 1] - from;
    __global const int* tokens = ARRAY(edit_tokens);
    edit(logits, less, from, from + edits, tokens, ARRAY(edit_kinds), ARRAY(edit_amounts));
    for (int i = 0; i < min(edits, blocks); i++) {
        const int b = edits < blocks ? tokens[from + i] / block : i;
        peaks[b] = select_peak(logits + b * block, min(block, n - b * block));
    }

    float ranks[MOST];
    int best[MOST];
    int kept = 0;
    float bound = -INFINITY;
    if (top > 0 && top <= blocks) {
        for (int b = 0; b < blocks; b++) {
            if (kept < top || peaks[b] > ranks[top - 1]) kept = select_keep(ranks, best, kept, top, peaks[b], b);
        }
        bound = ranks[top - 1];
        kept = 0;
    }
    for (int b = 0; top > 0 && b < blocks; b++) {
        if (peaks[b] < bound || kept == top && peaks[b] <= ranks[top - 1]) continue;
        for (int i = b * block; i < min(n, (b + 1) * block); i++) {
            if (kept < top || logits[i] > ranks[top - 1]) {
                kept = select_keep(ranks, best, kept, top, rank_of(logits[i]), i);
            }
        }
    }
    __global int* ids = ARRAY(ids) + (size_t) r * top;
    __global float* values = ARRAY(values) + (size_t) r * top;
    for (int i = 0; i < top; i++) {
        ids[i] = i < kept ? best[i] : -1;
        values[i] = i < kept ? value_of(logits[best[i]], less) : -INFINITY;
    }
}
