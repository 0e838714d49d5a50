// softmax(scale q Kt + bias) V for CPU devices: a work-item per head and block of rows.

#define ATTENTION_TILE 4

// How many rows from r on, at most a tile, see the same keys. Ranges have groups that end at every 64th row, so that where
// they begin is soon found.
int attention_together(
    const int r, const int rows, const int kind, __global const int* a, __global const int* b, __global const int* c,
    const int lengths) {
    if (kind == PACKED || kind == CAUSAL) return min(ATTENTION_TILE, a[sequence_of(r, a, lengths - 1) + 1] - r);
    const int most = min(min(ATTENTION_TILE, rows - r), 64 - r % 64);
    int n = 1;
    if (kind == RANGE) {
        while (n < most && a[r + n] == a[r] && b[r + n] == b[r]) n++;
    } else {
        while (n < most && b[r + n] == b[r] && c[r + n] > 0 && c[r] > 0) n++;
    }
    return n;
}

// The first row from r on that begins a tile.
int attention_begin(
    const int r, const int rows, const int kind, __global const int* a, __global const int* b, __global const int* c,
    const int lengths) {
    int group = r;
    if (kind == PACKED || kind == CAUSAL) {
        group = a[sequence_of(r, a, lengths - 1)];
    } else if (kind == RANGE) {
        while (group % 64 && a[group - 1] == a[r] && b[group - 1] == b[r]) group--;
    } else {
        while (group % 64 && b[group - 1] == b[r] && c[group - 1] > 0 && c[r] > 0) group--;
    }
    const int tile = group + (r - group) / ATTENTION_TILE * ATTENTION_TILE;
    return tile == r ? r : tile + attention_together(tile, rows, kind, a, b, c, lengths);
}

// global id (head, block of ATTENTION_TILE rows): the tiles that begin in the block
SINGLE attention(
    RUN, SIZE(rows), const int heads, const int grouped, const float scale, OUT(float, out),
    IN(float, query), const int query_stride, IN(float, key), const int key_stride, IN(float, value),
    const int value_stride, KEYS_ARGUMENTS, const int extras, IN(float, bias), const int bias_rows, const int center,
    OUT(float, weights), SIZE(width)) {
    const int h = ITEM(0);
    const int block = ITEM(1) * ATTENTION_TILE;
    const int rows = LENGTH(rows);
    if (block >= rows) return;
    __global const int* a = ARRAY(keys_a);
    __global const int* b = ARRAY(keys_b);
    __global const int* c = ARRAY(keys_c);
    const int lengths = LENGTH(sequences);
    Head head;
    head.key = ARRAY(key) + h / grouped * HEAD;
    head.value = ARRAY(value) + h / grouped * HEAD;
    head.bias = extras & 1 ? ARRAY(bias) + h : 0;
    head.query_stride = query_stride;
    head.key_stride = key_stride;
    head.value_stride = value_stride;
    head.heads = heads;
    head.bias_rows = bias_rows;
    head.center = center;
    head.width = extras & 2 ? LENGTH(width) : 0;
    head.scale = scale;
    int left;
    const int end = min(rows, block + ATTENTION_TILE);
    for (int r = attention_begin(block, rows, keys_kind, a, b, c, lengths); r < end; r += left) {
        left = attention_together(r, rows, keys_kind, a, b, c, lengths);
        const Keys keys = KEYS_OF(r);
        int counts[ATTENTION_TILE];
        int queries[ATTENTION_TILE];
        for (int i = 0; i < left; i++) {
            counts[i] = keys_kind == CAUSAL ? keys.count + i : keys_kind == ANCESTRY ? c[r + i] : keys.count;
            queries[i] = keys_kind == ANCESTRY ? counts[i] - 1 : keys.query + i;
        }
        head.query = ARRAY(query) + (size_t) r * query_stride + h * HEAD;
        head.out = ARRAY(out) + ((size_t) r * heads + h) * HEAD;
        head.weights = ARRAY(weights) + ((size_t) r * heads + h) * head.width;
        if (left > 2) {
            attention_tile_4(head, keys, counts, queries, left);
        } else if (left == 2) {
            attention_tile_2(head, keys, counts, queries, left);
        } else {
            attention_tile_1(head, keys, counts, queries, left);
        }
    }
}
