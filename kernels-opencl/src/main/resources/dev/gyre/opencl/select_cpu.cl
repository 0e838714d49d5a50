// The TOP best of a row of logits, for CPU devices: one work-item per row.
//
//   1. the maximum, 16 lanes    2. the log of the sum of exponentials    3. the edits
//   4. 64 logits at a time, their largest against the worst that is kept: almost all are below; the few that pass are
//      sorted in. Ids ascend, and only a larger one goes before another: of equal ones the smaller id
//      stays first.

float select_across(const float16 v) {
    const float8 a = v.lo + v.hi;
    const float4 b = a.lo + a.hi;
    return b.x + b.y + (b.z + b.w);
}

float select_largest(const float16 v) {
    const float8 a = fmax(v.lo, v.hi);
    const float4 b = fmax(a.lo, a.hi);
    return fmax(fmax(b.x, b.y), fmax(b.z, b.w));
}

// exp(x) for x <= 0, 2 ulp: 2^n e^r with |r| <= ln2/2 and the series of e^r to r^7; zero where it is below 1e-38.
// A dozen vector instructions, where the built-in one takes three times as long (PoCL 3.1).
float16 exp_below(const float16 x) {
    const float16 n = rint(x * 1.44269504f);
    const float16 r = fma(n, (float16) -1.42860677e-6f, fma(n, (float16) -0.693145752f, x));
    float16 p = fma(r, (float16) 1.98412698e-4f, (float16) 1.38888889e-3f);
    p = fma(p, r, (float16) 8.33333333e-3f);
    p = fma(p, r, (float16) 4.16666667e-2f);
    p = fma(p, r, (float16) 1.66666667e-1f);
    p = fma(p, r, (float16) 0.5f);
    p = fma(p, r, (float16) 1.0f);
    p = fma(p, r, (float16) 1.0f);
    const float16 power = as_float16((convert_int16(fmax(n, (float16) -126.0f)) + 127) << 23);
    return select(p * power, (float16) 0.0f, isless(x, (float16) -87.0f));
}

float log_sum_exp(__global const float* logits, const int n) {
    const int whole = n / 16 * 16;
    float16 high = -INFINITY;
    for (int t = 0; t < whole; t += 16) high = fmax(high, vload16(0, logits + t));
    float highest = select_largest(high);
    for (int t = whole; t < n; t++) highest = fmax(highest, logits[t]);
    if (isinf(highest)) return highest;
    float16 lanes = 0.0f;
    for (int t = 0; t < whole; t += 16) lanes += exp_below(vload16(0, logits + t) - highest);
    float sum = select_across(lanes);
    for (int t = whole; t < n; t++) sum += exp(logits[t] - highest);
    return highest + log(sum);
}

// Puts a token behind all that are not worse; returns how many are kept.
int keep(float* ranks, int* ids, int kept, const int top, const float rank, const int id) {
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
    RUN, SIZE(rows), const int n, SIZE(top), OUT(int, ids), OUT(float, values),
    OUT(float, log_sum), OUT(float, logits), IN(int, normalise), IN(int, edit_offsets), IN(int, edit_tokens),
    IN(int, edit_kinds), IN(float, edit_amounts)) {
    const int r = ITEM(0);
    if (r >= LENGTH(rows)) return;
    const int top = LENGTH(top);
    __global float* logits = ARRAY(logits) + (size_t) r * n;
    const float sum = log_sum_exp(logits, n);
    ARRAY(log_sum)[r] = sum;
    const float less = ARRAY(normalise)[r] ? sum : 0.0f;
    __global const int* offsets = ARRAY(edit_offsets);
    edit(logits, less, offsets[r], offsets[r + 1], ARRAY(edit_tokens), ARRAY(edit_kinds), ARRAY(edit_amounts));

    float ranks[MOST];
    int best[MOST];
    int kept = 0;
    int t = 0;
    if (top > 0) {
        for (; t < n && kept < top; t++) kept = keep(ranks, best, kept, top, rank_of(logits[t]), t);
        for (; t + 64 <= n; t += 64) {
            const float16 a = fmax(vload16(0, logits + t), vload16(1, logits + t));
            const float16 b = fmax(vload16(2, logits + t), vload16(3, logits + t));
            if (select_largest(fmax(a, b)) > ranks[top - 1]) {
                for (int i = t; i < t + 64; i++) {
                    if (logits[i] > ranks[top - 1]) keep(ranks, best, kept, top, logits[i], i);
                }
            }
        }
        for (; t < n; t++) {
            if (logits[t] > ranks[top - 1]) keep(ranks, best, kept, top, logits[t], t);
        }
    }
    __global int* ids = ARRAY(ids) + (size_t) r * top;
    __global float* values = ARRAY(values) + (size_t) r * top;
    for (int i = 0; i < top; i++) {
        ids[i] = i < kept ? best[i] : -1;
        values[i] = i < kept ? value_of(logits[best[i]], less) : -INFINITY;
    }
}
