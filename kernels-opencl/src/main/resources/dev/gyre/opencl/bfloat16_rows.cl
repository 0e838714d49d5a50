// Rows of activations as bfloat16, rounded to nearest even, for products by tiles (see linear_bfloat16_amx.cl).
//
//   out, a row:  | 32 of k: first halves | the same 32: second halves | next 32 ... |      what is behind k is zero
//
// With two HALVES the second holds what the first leaves, rounded too: 16 bits of a number's 24 together, or 17 by the
// sign. With one there are no second ones. Infinite numbers with two halves become no numbers.
//
// global id: row

// As floats whose lower half is zero.
float16 bfloat16_of(const float16 v) {
    const uint16 bits = as_uint16(v);
    const uint16 rounded = bits + (uint16) 0x7fffu + ((bits >> 16) & (uint16) 1u);
    return as_float16(select(rounded, bits | (uint16) 0x400000u, isnan(v)) & (uint16) 0xffff0000u);
}

void store_bfloat16(const float16 v, __global ushort* out) {
    vstore16(convert_ushort16(as_uint16(v) >> 16), 0, out);
}

SINGLE bfloat16_rows(
    RUN, SIZE(rows), const int k, const int depth, __global ushort* rounded, IN(float, x)) {
    const int r = ITEM(0);
    __global const float* x = ARRAY(x) + (size_t) r * k;
    __global ushort* out = rounded + (size_t) r * depth * HALVES;
    for (int c = 0; c < depth; c += 16) {
        float16 v;
        if (c + 16 <= k) {
            v = vload16(0, x + c);
        } else {
            float lanes[16];
            for (int i = 0; i < 16; i++) lanes[i] = c + i < k ? x[c + i] : 0.0f;
            v = vload16(0, lanes);
        }
        __global ushort* o = out + c / 32 * 32 * HALVES + c % 32;
        const float16 first = bfloat16_of(v);
        store_bfloat16(first, o);
#if HALVES == 2
        store_bfloat16(bfloat16_of(v - first), o + 32);
#endif
    }
}
