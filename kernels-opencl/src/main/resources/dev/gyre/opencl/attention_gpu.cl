// softmax(scale q Kt + bias) V for GPU devices: a work-group of LANES per head and tile of up to TILE neighbouring rows that see
// the same keys (of a sequence, of the beams of a source, of a prompt), so that each key and value is read once for them.
//
//   keys pass in chunks of KEYS (online softmax):
//   1. ACROSS lanes share a key: lane p multiplies columns p, p + ACROSS, ... by those of each query, which stay in registers
//   2. lane 4 s + i adds up what lanes have of row i and keys s, s + SLOTS, ...: scores, their maximum, shares
//   3. lanes turn to the columns of V; where there are more lanes than columns, lane HEAD y + c takes keys y, y + SPLIT, ... of
//      column c, and what the SPLIT lanes of a column have is added up at the end
//
// A row is the same chain of operations whatever it shares a tile with. What it does not see of the tile's keys counts as a
// share of zero.
//
// HEAD:  size of a head, at least 1
// LANES: 64 to 256, a power of two

#ifndef HEAD
#define HEAD 64
#endif
#ifndef LANES
#define LANES 128
#endif
#define TILE 4
#define ACROSS (HEAD > 64 ? 32 : 16)
#define KEYS (1024 / ACROSS)                        // of a chunk
#define COLUMNS ((HEAD + ACROSS - 1) / ACROSS)      // of a query, in a lane
#define WHOLE (HEAD % ACROSS == 0)
#define GROUPS (LANES / ACROSS)                     // keys that are multiplied at once
#define SLOTS (LANES / TILE)
#define SCORES ((KEYS + SLOTS - 1) / SLOTS)
#define SPLIT (HEAD < LANES ? LANES / HEAD : 1)
#define VALUES ((HEAD + LANES - 1) / LANES)         // columns of V of a lane
#define KEYS_AT_ONCE (COLUMNS > 4 ? 1 : HEAD > 64 ? 4 : 2)   // that a lane asks for before it looks at the first
#define VALUES_AT_ONCE (VALUES > 1 ? 1 : 4)
#define PARTS (KEYS * TILE * (ACROSS + 1))          // a column more: lanes of a warp read from banks of their own
#define MIXED (TILE * (HEAD < LANES ? LANES : HEAD))

// Whether row r sees other keys than the row before it. Beyond that, groups of rows end at every 64th.
int attention_others(const int r, const int kind, __global const int* a, __global const int* b, __global const int* c) {
    return kind == RANGE ? a[r] != a[r - 1] || b[r] != b[r - 1] : b[r] != b[r - 1] || c[r] <= 0 || c[r - 1] <= 0;
}

// group (head, row), where keys are packed (head, block of TILE rows): the tiles that begin there; local (LANES, 1)
__kernel __attribute__((reqd_work_group_size(LANES, 1, 1))) void attention(
    RUN, SIZE(rows), const int heads, const int grouped, const float scale, OUT(float, out),
    IN(float, query), const int query_stride, IN(float, key), const int key_stride, IN(float, value),
    const int value_stride, KEYS_ARGUMENTS, const int extras, IN(float, bias), const int bias_rows, const int center,
    OUT(float, weights), SIZE(width)) {
    __local float4 memory[(PARTS > MIXED ? PARTS : MIXED) / 4];
    __local float4 shares[KEYS];
    __local float peaks[LANES];
    __local float less[TILE];
    __local int at[KEYS];
    __local int span[2];
    __local float* parts = (__local float*) memory;
    const int lane = (int) get_local_id(0);
    const int h = (int) get_group_id(0);
    const bool packed = keys_kind == PACKED || keys_kind == CAUSAL;
    const int begin = (int) get_group_id(1) * (packed ? TILE : 1);
    ONLY_ROWS(begin);
    const int rows = LENGTH(rows);
    const int across = lane % ACROSS;
    const int group = lane / ACROSS;
    const int row = lane % TILE;
    const int slot = lane / TILE;
    const int column = lane % HEAD;
    const int part = HEAD < LANES ? lane / HEAD : 0;
    __global const int* a = ARRAY(keys_a);
    __global const int* b = ARRAY(keys_b);
    __global const int* c = ARRAY(keys_c);
    __global const float* key = ARRAY(key) + h / grouped * HEAD;
    __global const float* value = ARRAY(value) + h / grouped * HEAD;
    __global const float* bias = ARRAY(bias);
    const int width = extras & 2 ? LENGTH(width) : 0;

    // The sequence of the first row, or the rows that see what it sees: looked for by all lanes.
    if (lane == 0) {
        span[0] = packed ? 0 : begin / 64 * 64;
        span[1] = min(rows, begin / 64 * 64 + 64);
    }
    barrier(CLK_LOCAL_MEM_FENCE);
    const int sequences = LENGTH(sequences) - 1;
    for (int s = packed ? lane : sequences; s < sequences; s += LANES) {
        if (a[s] <= begin && (s + 1 == sequences || a[s + 1] > begin)) span[0] = s;
    }
    for (int i = packed ? 64 : 1 + lane; i < 64; i += LANES) {
        const int other = begin / 64 * 64 + i;
        if (other < rows && attention_others(other, keys_kind, a, b, c)) {
            if (other <= begin) {
                atomic_max(&span[0], other);
            } else {
                atomic_min(&span[1], other);
            }
        }
    }
    barrier(CLK_LOCAL_MEM_FENCE);

    int sequence = span[0];
    const int shared = packed ? a[sequence] : span[0];
    const int end = min(rows, begin + (packed ? TILE : 1));
    int r = shared + (begin - shared + TILE - 1) / TILE * TILE;
    if (packed) r = min(r, a[sequence + 1]);
    int left;
    for (; r < end; r += left) {
        Keys keys;
        int most;
        if (packed) {
            while (sequence + 1 < sequences && a[sequence + 1] <= r) sequence++;
            left = min(TILE, a[sequence + 1] - r);
            keys.positions = 0;
            keys.slots = a;
            keys.first = a[sequence];
            keys.query = r - keys.first;
            keys.count = keys_kind == CAUSAL ? keys.query + 1 : a[sequence + 1] - keys.first;
            most = keys_kind == CAUSAL ? keys.query + left : keys.count;
        } else {
            left = min(TILE, span[1] - r);
            keys = KEYS_OF(r);
            most = keys.count;
            for (int i = 1; keys_kind == ANCESTRY && i < left; i++) most = max(most, c[r + i]);
        }
        const int mine = r + min(row, left - 1);
        const int count = keys_kind == CAUSAL ? keys.count + mine - r : keys_kind == ANCESTRY ? c[mine] : keys.count;
        const int position = packed ? keys.query + mine - r : count - 1;
        __global float* written = ARRAY(weights) + ((size_t) mine * heads + h) * width;
        float q[TILE][COLUMNS];
        #pragma unroll
        for (int i = 0; i < TILE; i++) {
            __global const float* from = ARRAY(query) + (size_t) (r + min(i, left - 1)) * query_stride + h * HEAD;
            #pragma unroll
            for (int x = 0; x < COLUMNS; x++) {
                const int k = across + x * ACROSS;
                q[i][x] = WHOLE || k < HEAD ? from[k] : 0.0f;
            }
        }
        float highest = -INFINITY;
        float sum = 0.0f;
        float4 mixed[VALUES];
        #pragma unroll
        for (int x = 0; x < VALUES; x++) mixed[x] = 0.0f;

        for (int from = 0; from < most; from += KEYS) {
            const int many = min(KEYS, most - from);
            #pragma unroll 1
            for (int j = group; j < many; j += GROUPS * KEYS_AT_ONCE) {
                float k[KEYS_AT_ONCE][COLUMNS];
                #pragma unroll
                for (int y = 0; y < KEYS_AT_ONCE; y++) {
                    if (j + y * GROUPS < many) {
                        __global const float* kj = key + key_row(&keys, from + j + y * GROUPS) * key_stride;
                        #pragma unroll
                        for (int x = 0; x < COLUMNS; x++) {
                            const int i = across + x * ACROSS;
                            k[y][x] = WHOLE || i < HEAD ? kj[i] : 0.0f;
                        }
                    }
                }
                #pragma unroll
                for (int y = 0; y < KEYS_AT_ONCE; y++) {
                    if (j + y * GROUPS < many) {
                        #pragma unroll
                        for (int i = 0; i < TILE; i++) {
                            if (i < left) {
                                float dot = 0.0f;
                                #pragma unroll
                                for (int x = 0; x < COLUMNS; x++) dot = fma(q[i][x], k[y][x], dot);
                                parts[((j + y * GROUPS) * TILE + i) * (ACROSS + 1) + across] = dot;
                            }
                        }
                    }
                }
            }
            barrier(CLK_LOCAL_MEM_FENCE);

            float score[SCORES];
            float peak = -INFINITY;
            #pragma unroll
            for (int x = 0; x < SCORES; x++) {
                const int j = slot + x * SLOTS;
                score[x] = -INFINITY;
                if (j < many) {
                    if (row == 0) at[j] = (int) key_row(&keys, from + j);
                    if (row < left && from + j < count) {
                        __local const float* p = parts + (j * TILE + row) * (ACROSS + 1);
                        float s[4];
                        #pragma unroll
                        for (int y = 0; y < 4; y++) {
                            s[y] = (p[y] + p[y + 4]) + (p[y + 8] + p[y + 12]);
                            if (ACROSS == 32) s[y] += (p[y + 16] + p[y + 20]) + (p[y + 24] + p[y + 28]);
                        }
                        score[x] = ((s[0] + s[1]) + (s[2] + s[3])) * scale;
                        if (extras & 1) {
                            score[x] += bias_of(bias, bias_rows, center, heads, h, from + j, position);
                        }
                        if (from + j < width) written[from + j] = score[x];
                    }
                }
                peak = fmax(peak, score[x]);
            }
            peaks[lane] = peak;
            barrier(CLK_LOCAL_MEM_FENCE);

            float higher = highest;
            #pragma unroll 8
            for (int s = 0; s < SLOTS; s++) higher = fmax(higher, peaks[s * TILE + row]);
            // A row that the tile has not got has no scores.
            const float corrected = row < left ? exp(highest - higher) : 0.0f;
            sum *= corrected;
            #pragma unroll
            for (int x = 0; x < SCORES; x++) {
                const int j = slot + x * SLOTS;
                if (j < many) {
                    const float share = row < left ? exp(score[x] - higher) : 0.0f;
                    sum += share;
                    ((__local float*) shares)[j * TILE + row] = share;
                }
            }
            if (slot == 0) less[row] = corrected;
            highest = higher;
            barrier(CLK_LOCAL_MEM_FENCE);

            const float4 old = (float4) (less[0], less[1], less[2], less[3]);
            #pragma unroll
            for (int x = 0; x < VALUES; x++) mixed[x] *= old;
            #pragma unroll 1
            for (int j = part; j < many; j += SPLIT * VALUES_AT_ONCE) {
                float v[VALUES_AT_ONCE][VALUES];
                #pragma unroll
                for (int y = 0; y < VALUES_AT_ONCE; y++) {
                    if (part < SPLIT && j + y * SPLIT < many) {
                        __global const float* vj = value + (size_t) at[j + y * SPLIT] * value_stride;
                        #pragma unroll
                        for (int x = 0; x < VALUES; x++) {
                            v[y][x] = HEAD < LANES ? vj[column] : lane + x * LANES < HEAD ? vj[lane + x * LANES] : 0.0f;
                        }
                    }
                }
                #pragma unroll
                for (int y = 0; y < VALUES_AT_ONCE; y++) {
                    if (part < SPLIT && j + y * SPLIT < many) {
                        const float4 share = shares[j + y * SPLIT];
                        #pragma unroll
                        for (int x = 0; x < VALUES; x++) mixed[x] = fma(share, (float4) v[y][x], mixed[x]);
                    }
                }
            }
        }

        // The sums of the lanes of a row, and of the lanes of a column.
        peaks[lane] = sum;
        #pragma unroll
        for (int x = 0; x < VALUES; x++) {
            if (part < SPLIT && lane + x * LANES < SPLIT * HEAD) memory[lane + x * LANES] = mixed[x];
        }
        barrier(CLK_LOCAL_MEM_FENCE);
        float total = 0.0f;
        #pragma unroll 8
        for (int s = 0; s < SLOTS; s++) total += peaks[s * TILE + row];
        const float inverse = count > 0 ? 1.0f / total : 0.0f;
        if (row < left) {
            __global float* out = ARRAY(out) + ((size_t) mine * heads + h) * HEAD;
            for (int i = slot; i < HEAD; i += SLOTS) {
                float m = 0.0f;
                #pragma unroll
                for (int y = 0; y < SPLIT; y++) m += parts[(y * HEAD + i) * TILE + row];
                out[i] = m * inverse;
            }
            // The same lane wrote the scores.
            for (int j = slot < KEYS ? slot : width; j < width; j += min(KEYS, SLOTS)) {
                written[j] = j < count ? exp(written[j] - highest) * inverse : 0.0f;
            }
        }
        barrier(CLK_LOCAL_MEM_FENCE);
    }
}
