// Rows of activations as whole numbers, as quantize.cl makes them, with how far they are off; and a copy of them, since
// later operations may use their place.
//
// global id: (0, row)

SINGLE rough_rows(
    RUN, SIZE(rows), const int k, const int depth, __global short* numbers, __global float* sides, __global float* copy,
    IN(float, x)) {
    const int r = ITEM(0);
    if (r >= LENGTH(rows)) return;
    __global const float* restrict x = ARRAY(x) + (size_t) r * k;
    numbers += (size_t) r * depth;
    copy += (size_t) r * k;
    sides += r * ROUGH_SIDES;
    const float scale = quantize_row(x, k, depth, numbers);
    float16 length = 0.0f;
    float16 left = 0.0f;
    int c = 0;
    for (; c + 16 <= k; c += 16) {
        const float16 v = vload16(0, x + c);
        const float16 rest = fma(-convert_float16(vload16(0, numbers + c)), (float16) scale, v);
        length = fma(v, v, length);
        left = fma(rest, rest, left);
        vstore16(v, 0, copy + c);
    }
    float length_sum = 0.0f;
    float left_sum = 0.0f;
    for (; c < k; c++) {
        const float rest = fma(-(float) numbers[c], scale, x[c]);
        length_sum = fma(x[c], x[c], length_sum);
        left_sum = fma(rest, rest, left_sum);
        copy[c] = x[c];
    }
    float lanes[32];
    vstore16(length, 0, lanes);
    vstore16(left, 1, lanes);
    for (int i = 0; i < 16; i++) {
        length_sum += lanes[i];
        left_sum += lanes[16 + i];
    }
    sides[0] = scale;
    sides[1] = sqrt(length_sum) * (1.0f + ROUGH_LOST(k));
    sides[2] = sqrt(left_sum) * (1.0f + ROUGH_LOST(k));
}
