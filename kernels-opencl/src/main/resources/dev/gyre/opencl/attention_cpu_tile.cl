// R query rows of one head that see the same keys, or of a causal tile each a few more of them than the row before. Taken
// in for R = 1, 2 and 4; an element is the same chain of operations in each, so that it does not matter who shares a tile.
//
//   q K^T: R rows by 8/R keys in registers, lanes over the columns of the head; 8 sums across lanes are taken at once
//   scores lie [key][row]: 8 of them are one vector, and softmax needs nothing across lanes but at its end
//   P V: R rows by 8/R vectors of columns in registers
//
// With PREFETCH a tile asks for the queries of the next head, which the next item reads.
//
// Keys pass in blocks of 64: highest score and sum are corrected block by block (online softmax). What a causal row does
// not see counts as a share of zero.

#ifndef ATTENTION_OF
#define ATTENTION_JOIN(r) attention_tile_##r
#define ATTENTION_OF(r) ATTENTION_JOIN(r)

#ifndef HEAD
#define HEAD 64
#endif
#ifndef WIDTH
#define WIDTH 8
#endif
#define PARTS (HEAD / WIDTH)
#define KEY_BLOCK 64

#define CAT(a, b) a##b
#define CAT2(a, b) CAT(a, b)
#if WIDTH == 1
#define VECTOR float
#define LOAD(i, p) ((p)[i])
#define STORE(v, i, p) ((p)[i] = (v))
#else
#define VECTOR CAT2(float, WIDTH)
#define LOAD(i, p) CAT2(vload, WIDTH)(i, p)
#define STORE(v, i, p) CAT2(vstore, WIDTH)(v, i, p)
#endif

// One head of the tensors of a launch.
typedef struct {
    __global const float* query;   // of the first row of the tile
    __global const float* key;
    __global const float* value;
    __global const float* bias;    // the column of this head; 0 for none
    __global float* out;           // of the first row of the tile
    __global float* weights;       // of the first row of the tile
    int query_stride;
    int key_stride;
    int value_stride;
    int heads;
    int bias_rows;
    int center;
    int width;                     // weights of a row; 0 if they are not wanted
    float scale;
} Head;

// Eight sums across lanes.
float8 attention_sums(const VECTOR* v) {
#if WIDTH == 1
    return (float8) (v[0], v[1], v[2], v[3], v[4], v[5], v[6], v[7]);
#else
    float8 u[2];
    #pragma unroll
    for (int i = 0; i < 4; i += 2) {
        const VECTOR a = v[i], b = v[i + 4], c = v[i + 1], d = v[i + 5];
#if WIDTH == 2
        u[i / 2] = (float8) (a, c, b, d);
#else
#if WIDTH == 16
        const float8 a8 = a.lo + a.hi, b8 = b.lo + b.hi, c8 = c.lo + c.hi, d8 = d.lo + d.hi;
#else
#define a8 a
#define b8 b
#define c8 c
#define d8 d
#endif
#if WIDTH == 4
        const float8 ab = (float8) (a, b), cd = (float8) (c, d);
#else
        const float8 ab = (float8) (a8.lo, b8.lo) + (float8) (a8.hi, b8.hi);
        const float8 cd = (float8) (c8.lo, d8.lo) + (float8) (c8.hi, d8.hi);
#endif
        u[i / 2] = (float8) (ab.s02, cd.s02, ab.s46, cd.s46) + (float8) (ab.s13, cd.s13, ab.s57, cd.s57);
#endif
    }
    return (float8) (u[0].s02, u[1].s02, u[0].s46, u[1].s46) + (float8) (u[0].s13, u[1].s13, u[0].s57, u[1].s57);
#endif
}

#endif

#undef KEYS_AT_ONCE
#undef COLUMNS
#define KEYS_AT_ONCE (8 / R)
#if PARTS % KEYS_AT_ONCE == 0
#define COLUMNS KEYS_AT_ONCE
#elif PARTS % 2 == 0
#define COLUMNS 2
#else
#define COLUMNS 1
#endif

void ATTENTION_OF(R)(const Head head, const Keys keys, const int* counts, const int* queries, const int left) {
    float scores[KEY_BLOCK * R];
    float mixed[R * HEAD];
    int at[KEY_BLOCK];
    float sum[R];
    float less[16];
    __global const float* q[R];
    int most = 0;
    int least = counts[0];
    int8 seen;
    {
        int lanes[8];
        #pragma unroll
        for (int l = 0; l < 8; l++) lanes[l] = counts[min(l % R, left - 1)] - l / R;
        seen = vload8(0, lanes);
    }
    #pragma unroll
    for (int i = 0; i < R; i++) {
        const int count = counts[min(i, left - 1)];
        most = max(most, count);
        least = min(least, count);
        q[i] = head.query + (size_t) min(i, left - 1) * head.query_stride;
#if PREFETCH && R == 4
        #pragma unroll
        for (int c = 0; c < HEAD; c += 16) __builtin_prefetch((const void*) (size_t) (q[i] + HEAD + c), 0, 3);
#endif
        sum[i] = 0.0f;
    }
    float16 highest = -INFINITY;   // lane l: of row l % R

    for (int from = 0; from < most; from += KEY_BLOCK) {
        const int many = min(KEY_BLOCK, most - from);
        for (int j = 0; j < many; j++) at[j] = (int) key_row(&keys, from + j);
        for (int j = many; j % KEYS_AT_ONCE; j++) at[j] = at[many - 1];
        float8 high = highest.lo;
        int group = 0;
        for (int j = 0; j < many; j += KEYS_AT_ONCE) {
            __global const float* k[KEYS_AT_ONCE];
            VECTOR dot[8];
            #pragma unroll
            for (int x = 0; x < KEYS_AT_ONCE; x++) k[x] = head.key + (size_t) at[j + x] * head.key_stride;
            #pragma unroll
            for (int l = 0; l < 8; l++) dot[l] = (VECTOR) 0.0f;
            #pragma unroll
            for (int p = 0; p < PARTS; p++) {
                VECTOR kp[KEYS_AT_ONCE];
                #pragma unroll
                for (int x = 0; x < KEYS_AT_ONCE; x++) kp[x] = LOAD(p, k[x]);
                #pragma unroll
                for (int i = 0; i < R; i++) {
                    const VECTOR qp = LOAD(p, q[i]);
                    #pragma unroll
                    for (int x = 0; x < KEYS_AT_ONCE; x++) dot[x * R + i] = fma(qp, kp[x], dot[x * R + i]);
                }
            }
            float8 score = attention_sums(dot) * head.scale;
            if (head.bias) {
                float lanes[8];
                #pragma unroll
                for (int l = 0; l < 8; l++) {
                    const int distance = from + j + l / R - queries[min(l % R, left - 1)];
                    lanes[l] = head.bias[(size_t) clamp(head.center + distance, 0, head.bias_rows - 1) * head.heads];
                }
                score += vload8(0, lanes);
            }
            if (from + j + KEYS_AT_ONCE > least) score = (int8) (from + j) < seen ? score : (float8) -INFINITY;
            vstore8(score, group++, scores);
            high = high < score ? score : high;
        }
        if (group % 2) vstore8((float8) -INFINITY, group, scores);
        if (head.width) {
            for (int i = 0; i < left; i++) {
                for (int j = 0; j < min(many, min(head.width, counts[i]) - from); j++) {
                    head.weights[(size_t) i * head.heads * head.width + from + j] = scores[j * R + i];
                }
            }
        }

        float8 other = high.s45670123;
        high = high < other ? other : high;
#if R <= 2
        other = high.s23016745;
        high = high < other ? other : high;
#endif
#if R == 1
        other = high.s10325476;
        high = high < other ? other : high;
#endif
        const float16 higher = (float16) (high, high);
        vstore16(exp_below(highest - higher), 0, less);
        highest = higher;
        // Four sums for each row, of every fourth key, whatever R is.
        float16 sums = 0.0f;
        for (int g = 0; g < (group + 1) / 2; g++) {
            const float16 share = exp_below(vload16(g, scores) - highest);
            vstore16(share, g, scores);
#if R == 4
            sums += share;
#elif R == 2
            sums.lo += share.lo;
            sums.lo += share.hi;
#else
            sums.s0123 += share.s0123;
            sums.s0123 += share.s4567;
            sums.s0123 += share.s89ab;
            sums.s0123 += share.scdef;
#endif
        }
        float four[16];
        vstore16(sums, 0, four);
        #pragma unroll
        for (int i = 0; i < R; i++) {
            sum[i] = sum[i] * less[i] + (four[i] + four[R + i] + (four[2 * R + i] + four[3 * R + i]));
        }

        for (int c = 0; c < PARTS; c += COLUMNS) {
            VECTOR acc[R][COLUMNS];
            #pragma unroll
            for (int i = 0; i < R; i++) {
                #pragma unroll
                for (int x = 0; x < COLUMNS; x++) {
                    acc[i][x] = from == 0 ? (VECTOR) 0.0f : LOAD(x, mixed + i * HEAD + c * WIDTH) * less[i];
                }
            }
            for (int j = 0; j < many; j++) {
                __global const float* v = head.value + c * WIDTH + (size_t) at[j] * head.value_stride;
                VECTOR vp[COLUMNS];
                #pragma unroll
                for (int x = 0; x < COLUMNS; x++) vp[x] = LOAD(x, v);
                #pragma unroll
                for (int i = 0; i < R; i++) {
                    const VECTOR share = (VECTOR) scores[j * R + i];
                    #pragma unroll
                    for (int x = 0; x < COLUMNS; x++) acc[i][x] = fma(share, vp[x], acc[i][x]);
                }
            }
            #pragma unroll
            for (int i = 0; i < R; i++) {
                #pragma unroll
                for (int x = 0; x < COLUMNS; x++) STORE(acc[i][x], x, mixed + i * HEAD + c * WIDTH);
            }
        }
    }

    float highs[16];
    vstore16(highest, 0, highs);
    for (int i = 0; i < left; i++) {
        const float part = counts[i] > 0 ? 1.0f / sum[i] : 0.0f;
        __global float* out = head.out + (size_t) i * head.heads * HEAD;
        #pragma unroll
        for (int p = 0; p < PARTS; p++) STORE(most > 0 ? LOAD(p, mixed + i * HEAD) * part : (VECTOR) 0.0f, p, out);
        __global float* weights = head.weights + (size_t) i * head.heads * head.width;
        const int shares = min(head.width, counts[i]);
        for (int j = 0; j < shares; j += 16) {
            float lanes[16];
            for (int l = 0; l < 16; l++) lanes[l] = j + l < shares ? weights[j + l] : -INFINITY;
            vstore16(exp_below(vload16(0, lanes) - highs[i]) * part, 0, lanes);
            for (int l = 0; l < min(16, shares - j); l++) weights[j + l] = lanes[l];
        }
        for (int j = max(shares, 0); j < head.width; j++) weights[j] = 0.0f;
    }
}
