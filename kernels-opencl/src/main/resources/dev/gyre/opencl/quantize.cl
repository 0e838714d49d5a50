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
//   global id (lane, row);  LANES lanes share one row
//
// LANES: 1 on CPUs, 32 to 256 on GPUs, a power of two

#ifndef LANES
#define LANES 1
#endif

#if NEIGHBOURS == 4 && SIGNED
typedef char Number;
#define ZERO 0
#define NUMBER(v) ((char) (v))
#define NUMBER16(v) convert_char16(v)
#elif NEIGHBOURS == 4
typedef uchar Number;
#define ZERO 128
#define NUMBER(v) ((uchar) ((v) + 128.0f))
#define NUMBER16(v) convert_uchar16((v) + 128.0f)
#else
typedef short Number;
#define ZERO 0
#define NUMBER(v) ((short) (v))
#define NUMBER16(v) convert_short16(v)
#endif

// Rounded as the host rounds it, on devices whose division is not exact to the last bit as well.
float quantize_factor(const float most) {
    const float factor = most > 1e-30f ? 127.0f / most : 0.0f;
    return fma(fma(-factor, most, most > 1e-30f ? 127.0f : 0.0f), factor / 127.0f, factor);
}

#if LANES == 1
// One row; returns its scale.
float quantize_row(__global const float* restrict x, const int k, const int depth, __global Number* restrict out) {
    float16 wide = 0.0f;
    int c = 0;
    for (; c + 16 <= k; c += 16) wide = fmax(wide, fabs(vload16(0, x + c)));
    const float8 w8 = fmax(wide.lo, wide.hi);
    const float4 w4 = fmax(w8.lo, w8.hi);
    const float2 w2 = fmax(w4.lo, w4.hi);
    float most = fmax(w2.lo, w2.hi);
    for (; c < k; c++) most = fmax(most, fabs(x[c]));
    const float factor = quantize_factor(most);
    for (c = 0; c + 16 <= k; c += 16) vstore16(NUMBER16(rint(vload16(0, x + c) * factor)), 0, out + c);
    for (; c < k; c++) out[c] = NUMBER(rint(x[c] * factor));
    for (; c < depth; c++) out[c] = ZERO;
    return most / 127.0f;
}
#endif

KERNEL_OF(LANES) quantize(
    RUN, SIZE(rows), const int k, const int depth, __global Number* quantized, __global float* scales, IN(float, x)) {
    const int r = ITEM(1);
    __global const float* restrict x = ARRAY(x) + (size_t) r * k;
    __global Number* restrict out = quantized + (size_t) r * depth;
#if LANES == 1
    scales[r] = quantize_row(x, k, depth, out);
#else
    const int lane = (int) get_local_id(0);
    __local float shared[LANES];
    float most = 0.0f;
    for (int i = lane; i < k; i += LANES) most = fmax(most, fabs(x[i]));
    shared[lane] = most;
    barrier(CLK_LOCAL_MEM_FENCE);
    for (int half_way = LANES / 2; half_way > 0; half_way /= 2) {
        if (lane < half_way) shared[lane] = fmax(shared[lane], shared[lane + half_way]);
        barrier(CLK_LOCAL_MEM_FENCE);
    }
    most = shared[0];
    const float factor = quantize_factor(most);
    if (lane == 0) scales[r] = most / 127.0f;
    for (int i = lane; i < depth; i += LANES) out[i] = i < k ? NUMBER(rint(x[i] * factor)) : (Number) ZERO;
#endif
}
