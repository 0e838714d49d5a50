// Rows of activations as whole numbers from -127 to 127, for products with int8 weights: x = number * scale of the row.
// Each row has a scale of its own, so that no row depends on what it is computed together with.
//
//   out, a row:  | `depth` numbers; what is behind k is zero |      scales: [rows]
//
// With pairs of neighbours (see weights.cl) a number has 16 bits; with four it has 8 and is 128 more than it means, since
// the products of four bytes take one factor without a sign.
//
// SIGNED: with four neighbours, 1 for products of four bytes that all have signs: a number of 8 bits is what it means
//
// BIASED: the factor without a sign is the weight, and the processor adds two neighbours' products in 16 bits, where they
// must not reach 32,768. Numbers at odd k have their sign turned, as their weights have, so that neighbours that are both
// positive go apart. A pair still adds up to more than 32,767 if its numbers add up to more than 129 = 32,767 / 254. What
// is too much is taken off the larger one and goes into a list behind the row, by fours of k, as a product of its own:
//
//   | `depth` numbers of 8 bits | int32 length of the list, int32 correction, 56 bytes | depth / 4 places for (four, numbers) |
//
// A correction is -127 times the sum of the row as it is multiplied: sums that begin with it are those without a bias.
//
//   global id (lane, row);  LANES lanes share one row
//
// LANES: 1 on CPUs, 32 to 256 on GPUs, a power of two

#ifndef LANES
#define LANES 1
#endif

#if BIASED
typedef char Number;
#define ZERO 0
#define ROW_NUMBERS(depth) (3 * (depth) + 64)
#elif NEIGHBOURS == 4 && SIGNED
typedef char Number;
#define ZERO 0
#define NUMBER(v) ((char) (v))
#define NUMBERS16(v) convert_char16(v)
#elif NEIGHBOURS == 4
typedef uchar Number;
#define ZERO 128
#define NUMBER(v) ((uchar) ((v) + 128.0f))
#define NUMBERS16(v) convert_uchar16((v) + 128)
#else
typedef short Number;
#define ZERO 0
#define NUMBER(v) ((short) (v))
#define NUMBERS16(v) convert_short16(v)
#endif
// From one row to the next.
#ifndef ROW_NUMBERS
#define ROW_NUMBERS(depth) (depth)
#endif

// A float's magnitude as a whole number has the order of the floats, and what is not a number is above all: then the scale of
// its row is none, and nothing is.
#define MAGNITUDE(bits) ((bits) & 0x7fffffff)

// Rounded as the host rounds it, on devices whose division is not exact to the last bit as well.
float quantize_factor(const float most) {
    const float factor = most > 1e-30f ? 127.0f / most : 0.0f;
    return fma(fma(-factor, most, most > 1e-30f ? 127.0f : 0.0f), factor / 127.0f, factor);
}

#if LANES == 1
// To the nearest whole number, halves to the even one, for magnitudes below 2^22: behind 1.5 * 2^23 a float has no
// fraction. rint() is a dozen instructions where the compiler may not assume the newest.
#define ROUNDED(v) (as_int16((v) + 12582912.0f) - 0x4b400000)

#if BIASED
// Takes off what is too much in the fours from `from` to `to`, which follow `count` others in the list.
int split_pairs(__global char* numbers, __global int2* list, int count, const int from, const int to) {
    for (int four = from; four < to; four++) {
        uint more = 0;
        for (int p = 0; p < 4; p += 2) {
            __global char* pair = numbers + four * 4 + p;
            const int excess = abs(pair[0] + pair[1]) - 129;
            if (excess > 0) {
                const int larger = abs((int) pair[1]) > abs((int) pair[0]);
                const int off = pair[larger] < 0 ? -excess : excess;
                pair[larger] -= off;
                more |= (uint) (off & 255) << (p + larger) * 8;
            }
        }
        if (more) list[count++] = (int2) (four, (int) more);
    }
    return count;
}
#endif

// One row; returns its scale.
float quantize_row(__global const float* restrict x, const int k, const int depth, __global Number* restrict out) {
    int16 wide = 0;
    int c = 0;
    for (; c + 16 <= k; c += 16) wide = max(wide, MAGNITUDE(as_int16(vload16(0, x + c))));
    const int8 w8 = max(wide.lo, wide.hi);
    const int4 w4 = max(w8.lo, w8.hi);
    const int2 w2 = max(w4.lo, w4.hi);
    int highest = max(w2.lo, w2.hi);
    for (; c < k; c++) highest = max(highest, MAGNITUDE(as_int(x[c])));
    const float most = as_float(highest);
    const float factor = quantize_factor(most);
#if BIASED
    __global int* head = (__global int*) (out + depth);
    __global int2* list = (__global int2*) (out + depth + 64);
    int count = 0;
    int16 sums = 0;
    int sum = 0;
    for (c = 0; c + 16 <= k; c += 16) {
        int16 v = ROUNDED(vload16(0, x + c) * factor);
        v.odd = -v.odd;
        sums += v;
        vstore16(convert_char16(v), 0, out + c);
        if (any(abs(v.even + v.odd) > (uint8) 129)) count = split_pairs(out, list, count, c / 4, c / 4 + 4);
    }
    const int whole = c;
    for (; c < k; c++) {
        const int v = (int) rint(x[c] * factor) * (c % 2 ? -1 : 1);
        sum += v;
        out[c] = (char) v;
    }
    for (; c < depth; c++) out[c] = 0;
    if (whole < k) count = split_pairs(out, list, count, whole / 4, (k + 3) / 4);
    const int8 s8 = sums.lo + sums.hi;
    const int4 s4 = s8.lo + s8.hi;
    head[0] = count;
    head[1] = -127 * (sum + s4.x + s4.y + s4.z + s4.w);
#else
    for (c = 0; c + 16 <= k; c += 16) {
        const int16 v = ROUNDED(vload16(0, x + c) * factor);
        vstore16(NUMBERS16(v), 0, out + c);
    }
    for (; c < k; c++) out[c] = NUMBER(rint(x[c] * factor));
    for (; c < depth; c++) out[c] = ZERO;
#endif
    return most / 127.0f;
}
#endif

KERNEL_OF(LANES) quantize(
    RUN, SIZE(rows), const int k, const int depth, __global Number* quantized, __global float* scales, IN(float, x)) {
    const int r = ITEM(1);
    __global const float* restrict x = ARRAY(x) + (size_t) r * k;
    __global Number* restrict out = quantized + (size_t) r * ROW_NUMBERS(depth);
#if LANES == 1
    scales[r] = quantize_row(x, k, depth, out);
#else
    const int lane = (int) get_local_id(0);
    __local int shared[LANES];
    int highest = 0;
    for (int i = lane; i < k; i += LANES) highest = max(highest, MAGNITUDE(as_int(x[i])));
    shared[lane] = highest;
    barrier(CLK_LOCAL_MEM_FENCE);
    for (int half_way = LANES / 2; half_way > 0; half_way /= 2) {
        if (lane < half_way) shared[lane] = max(shared[lane], shared[lane + half_way]);
        barrier(CLK_LOCAL_MEM_FENCE);
    }
    const float most = as_float(shared[0]);
    const float factor = quantize_factor(most);
    if (lane == 0) scales[r] = most / 127.0f;
    for (int i = lane; i < depth; i += LANES) out[i] = i < k ? NUMBER(rint(x[i] * factor)) : (Number) ZERO;
#endif
}
