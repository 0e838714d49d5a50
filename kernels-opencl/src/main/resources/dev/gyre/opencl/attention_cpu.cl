// softmax(scale q Kt + bias) V for CPU devices: one work-item per query row and head, from q K to V in one pass.
//
//   q: HEAD floats in registers          keys and values: rows of `stride` floats, HEAD of them for this head
//   keys pass in groups of 16: 16 scores -> one exponential of 16 lanes -> 16 rows of V; the running maximum and sum
//   are corrected group by group (online softmax). Scores are written only where the weights are asked for.
//
// HEAD: size of a head, at least 1
// WIDTH: 1, 2, 4, 8 or 16 lanes, a divisor of HEAD

#ifndef HEAD
#define HEAD 64
#endif
#ifndef WIDTH
#define WIDTH 16
#endif

#define PARTS (HEAD / WIDTH)
#define CAT(a, b) a##b
#define CAT2(a, b) CAT(a, b)
#if WIDTH == 1
#define VECTOR float
#define LOAD(i, p) ((p)[i])
#define STORE(v, i, p) ((p)[i] = (v))
float attention_across(const float v) { return v; }
#else
#define VECTOR CAT2(float, WIDTH)
#define LOAD(i, p) CAT2(vload, WIDTH)(i, p)
#define STORE(v, i, p) CAT2(vstore, WIDTH)(v, i, p)
#if WIDTH == 16
float attention_across(const float16 v) { const float8 a = v.lo + v.hi; const float4 b = a.lo + a.hi; return b.x + b.y + (b.z + b.w); }
#elif WIDTH == 8
float attention_across(const float8 a) { const float4 b = a.lo + a.hi; return b.x + b.y + (b.z + b.w); }
#elif WIDTH == 4
float attention_across(const float4 b) { return b.x + b.y + (b.z + b.w); }
#else
float attention_across(const float2 b) { return b.x + b.y; }
#endif
#endif

float attention_largest(const float16 v) {
    const float8 a = fmax(v.lo, v.hi);
    const float4 b = fmax(a.lo, a.hi);
    return fmax(fmax(b.x, b.y), fmax(b.z, b.w));
}

float attention_total(const float16 v) {
    const float8 a = v.lo + v.hi;
    const float4 b = a.lo + a.hi;
    return b.x + b.y + (b.z + b.w);
}

// global id (head, row): neighbouring items read neighbouring columns of the same key rows
SINGLE attention(
    RUN, SIZE(rows), const int heads, const int grouped, const float scale, OUT(float, out),
    IN(float, query), const int query_stride, IN(float, key), const int key_stride, IN(float, value),
    const int value_stride, KEYS_ARGUMENTS, const int extras, IN(float, bias), const int bias_rows, const int center,
    OUT(float, weights), SIZE(width)) {
    const int h = ITEM(0);
    const int r = ITEM(1);
    if (r >= LENGTH(rows)) return;
    const Keys keys = KEYS_OF(r);
    __global const float* q = ARRAY(query) + (size_t) r * query_stride + h * HEAD;
    __global const float* key = ARRAY(key) + h / grouped * HEAD;
    __global const float* value = ARRAY(value) + h / grouped * HEAD;
    __global const float* bias = ARRAY(bias);
    const int width = extras & 2 ? LENGTH(width) : 0;
    __global float* written = ARRAY(weights) + ((size_t) r * heads + h) * width;

    VECTOR query[PARTS];
    VECTOR mixed[PARTS];
    #pragma unroll
    for (int i = 0; i < PARTS; i++) {
        query[i] = LOAD(i, q);
        mixed[i] = (VECTOR) 0.0f;
    }
    float highest = -INFINITY;
    float sum = 0.0f;
    for (int from = 0; from < keys.count; from += 16) {
        const int many = min(16, keys.count - from);
        float scores[16];
        size_t at[16];
        for (int j = 0; j < 16; j++) scores[j] = -INFINITY;
        for (int j = 0; j < many; j++) {
            at[j] = key_row(&keys, from + j);
            __global const float* kj = key + at[j] * key_stride;
            VECTOR dot = (VECTOR) 0.0f;
            #pragma unroll
            for (int i = 0; i < PARTS; i++) dot = fma(query[i], LOAD(i, kj), dot);
            float score = attention_across(dot) * scale;
            if (extras & 1) score += bias_of(bias, bias_rows, center, heads, h, from + j, keys.query);
            scores[j] = score;
            if (from + j < width) written[from + j] = score;
        }
        const float16 all = vload16(0, scores);
        const float higher = fmax(highest, attention_largest(all));
        const float less = exp(highest - higher);
        const float16 share = exp(all - higher);
        sum = sum * less + attention_total(share);
        highest = higher;
        vstore16(share, 0, scores);
        #pragma unroll
        for (int i = 0; i < PARTS; i++) mixed[i] *= less;
        for (int j = 0; j < many; j++) {
            __global const float* vj = value + at[j] * value_stride;
            #pragma unroll
            for (int i = 0; i < PARTS; i++) mixed[i] = fma((VECTOR) scores[j], LOAD(i, vj), mixed[i]);
        }
    }
    const float part = keys.count > 0 ? 1.0f / sum : 0.0f;
    __global float* out = ARRAY(out) + ((size_t) r * heads + h) * HEAD;
    #pragma unroll
    for (int i = 0; i < PARTS; i++) STORE(mixed[i] * part, i, out);
    for (int j = 0; j < width; j++) written[j] = j < keys.count ? exp(written[j] - highest) * part : 0.0f;
}
