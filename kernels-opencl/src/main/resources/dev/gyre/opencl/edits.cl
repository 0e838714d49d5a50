// The edits of a row of logits before the best are chosen; the numbers are the ordinals of dev.gyre.graph.Edit.
// A logit keeps the form in which it came: value = logit - less, where less is the log-sum if the row is normalised.

#define BAN 0
#define PENALTY 1
#define ADD 2
#define MOST 64   // the largest TOP

float value_of(const float logit, const float less) {
    return isinf(logit) ? logit : logit - less;
}

// What is not a number is never better than a number.
float rank_of(const float logit) {
    return isnan(logit) ? -INFINITY : logit;
}

void edit(
    __global float* logits, const float less, const int from, const int to, __global const int* tokens,
    __global const int* kinds, __global const float* amounts) {
    for (int e = from; e < to; e++) {
        const int token = tokens[e];
        float value = value_of(logits[token], less);
        switch (kinds[e]) {
            case PENALTY: value = value < 0.0f ? value * amounts[e] : value / amounts[e]; break;
            case ADD: value += amounts[e]; break;
            default: value = -INFINITY;
        }
        logits[token] = isinf(value) ? value : value + less;
    }
}
