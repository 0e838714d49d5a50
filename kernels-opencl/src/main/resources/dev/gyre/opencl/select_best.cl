// The best of a row of logits where nothing else is wanted, without computing all of them: no logit of a panel is above its
// peak (rough_peaks.cl), so panels whose peak is below a logit that is there already can be left out. The logits that are
// computed are to the last bit what linear_cpu.cl computes, so the best is the same too.
//
//   1. panels with an edited token, and the edits    2. the panel with the highest peak    3. all that reach the best so far
//
// global id: row

#ifndef AHEAD
#define AHEAD 64
#endif

// Of equal ones the smaller id; what is not a number is below all numbers.
void best_of(__global const float* logits, const int from, const int to, float* best, int* id) {
    for (int t = from; t < to; t++) {
        const float rank = rank_of(logits[t]);
        if (*id < 0 || rank > *best || rank == *best && t < *id) {
            *best = rank;
            *id = t;
        }
    }
}

SINGLE select_best(
    RUN, SIZE(rows), const int n, const int k, OUT(int, ids), OUT(float, values), OUT(float, logits),
    __global const float* x, IN(Stored, weight), IN(float, bias), const int extras, __global float* peaks,
    IN(int, edit_offsets), IN(int, edit_tokens), IN(int, edit_kinds), IN(float, edit_amounts)) {
    const int r = ITEM(0);
    if (r >= LENGTH(rows)) return;
    __global float* logits = ARRAY(logits) + (size_t) r * n;
    const int each = PANEL / 16;
    const int narrow = (n + 15) / 16;
    const int panels = (n + PANEL - 1) / PANEL;
    x += (size_t) r * k;
    peaks += (size_t) r * narrow;
    // The peak of a wide panel stands at its first narrow one; what is done has none.
    for (int p = 0; each > 1 && p < panels; p++) {
        float peak = peaks[p * each];
        for (int i = p * each + 1; i < min(narrow, (p + 1) * each); i++) peak = peaks[i] > peak ? peaks[i] : peak;
        peaks[p * each] = peak;
    }
    float best = -INFINITY;
    int id = -1;

#define EXACTLY(p) { \
        __global const Stored* w = ARRAY(weight) + (size_t) (p) * k * PANEL; \
        TILE_OF(1)( \
            x, 1, k, 0, k, w, logits + (p) * PANEL, n, min(PANEL, n - (p) * PANEL), w + (size_t) min(k, AHEAD) * PANEL, 1, \
            extras & 1 ? ARRAY(bias) + (p) * PANEL : 0, 0, 0); \
        peaks[(p) * each] = NAN; \
    }

    const int from = ARRAY(edit_offsets)[r];
    const int to = ARRAY(edit_offsets)[r + 1];
    __global const int* tokens = ARRAY(edit_tokens);
    for (int e = from; e < to; e++) {
        const int p = tokens[e] / PANEL;
        if (!isnan(peaks[p * each])) EXACTLY(p);
    }
    edit(logits, 0.0f, from, to, tokens, ARRAY(edit_kinds), ARRAY(edit_amounts));
    for (int e = from; e < to; e++) {
        const int p = tokens[e] / PANEL;
        best_of(logits, p * PANEL, min(n, (p + 1) * PANEL), &best, &id);
    }
    int highest = -1;
    for (int p = 0; p < panels; p++) {
        const float peak = peaks[p * each];
        if (!isnan(peak) && (highest < 0 || peak > peaks[highest * each])) highest = p;
    }
    if (highest >= 0 && peaks[highest * each] >= best) {
        EXACTLY(highest);
        best_of(logits, highest * PANEL, min(n, (highest + 1) * PANEL), &best, &id);
    }
    for (int p = 0; p < panels; p++) {
        if (peaks[p * each] >= best) {
            EXACTLY(p);
            best_of(logits, p * PANEL, min(n, (p + 1) * PANEL), &best, &id);
        }
    }
    ARRAY(ids)[r] = id;
    ARRAY(values)[r] = logits[id];
}
