// Which keys a query row sees: the three kinds of dev.gyre.graph.Keys, behind one view.
//
//   PACKED    a: offsets of the sequences         key j is row offsets[s] + j
//   RANGE     a: first, b: end                    key j is row first[r] + j
//   ANCESTRY  a: ancestry, b: line, c: length     key j is row ancestry[line[r]][j] * positions + j

#define PACKED 0
#define CAUSAL 1
#define RANGE 2
#define ANCESTRY 3

#define KEYS_ARGUMENTS \
    const int keys_kind, IN(int, keys_a), IN(int, keys_b), IN(int, keys_c), SIZE(sequences), const int positions
#define KEYS_OF(r) keys_of(r, keys_kind, ARRAY(keys_a), ARRAY(keys_b), ARRAY(keys_c), LENGTH(sequences), positions)

typedef struct {
    int count;       // keys of this row
    int query;       // position of the query among the positions 0, 1, ... of its keys
    int first;       // row of the first key
    int positions;   // rows of a slot; 0 if keys are neighbours
    __global const int* slots;
} Keys;

// The sequence of row r: the last s with offsets[s] <= r. Empty sequences before it share that offset.
int sequence_of(const int r, __global const int* offsets, const int sequences) {
    int low = 0;
    int high = sequences;
    while (high - low > 1) {
        const int middle = (low + high) / 2;
        if (offsets[middle] <= r) {
            low = middle;
        } else {
            high = middle;
        }
    }
    return low;
}

Keys keys_of(
    const int r, const int kind, __global const int* a, __global const int* b, __global const int* c,
    const int lengths, const int positions) {
    Keys keys;
    keys.positions = 0;
    keys.slots = a;
    if (kind == RANGE) {
        keys.first = a[r];
        keys.count = b[r] - keys.first;
        keys.query = keys.count - 1;
    } else if (kind == ANCESTRY) {
        keys.first = 0;
        keys.positions = positions;
        keys.slots = a + (size_t) b[r] * positions;
        keys.count = c[r];
        keys.query = keys.count - 1;
    } else {
        const int s = sequence_of(r, a, lengths - 1);
        keys.first = a[s];
        keys.query = r - keys.first;
        keys.count = kind == CAUSAL ? keys.query + 1 : a[s + 1] - keys.first;
    }
    return keys;
}

size_t key_row(const Keys* keys, const int j) {
    return keys->positions ? (size_t) keys->slots[j] * keys->positions + j : (size_t) (keys->first + j);
}

// T5's relative position: the row of the table is clamped to its ends.
float bias_of(
    __global const float* table, const int rows, const int center, const int heads, const int head, const int j,
    const int query) {
    return table[(size_t) clamp(center + j - query, 0, rows - 1) * heads + head];
}
