// Rows of activations as whole numbers, as quantize.cl makes them, with how far they are off; and a copy of them, since
// later operations may use their place.
//
// global id: (0, row)

SINGLE rough_rows(
    RUN, SIZE(rows), const int k, const int depth, __global Number* numbers, __global float* sides, __global float* copy,
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
    int16 sums = 0;
    int c = 0;
    for (; c + 16 <= k; c += 16) {
        const float16 v = vload16(0, x + c);
        const int16 number = convert_int16(vload16(0, numbers + c));
        const float16 rest = fma(-convert_float16(number), (float16) scale, v);
        sums += number;
        length = fma(v, v, length);
        left = fma(rest, rest, left);
        vstore16(v, 0, copy + c);
    }
    float length_sum = 0.0f;
    float left_sum = 0.0f;
    int sum = 0;
    for (; c < k; c++) {
        const float rest = fma(-(float) numbers[c], scale, x[c]);
        length_sum = fma(x[c], x[c], length_sum);
        left_sum = fma(rest, rest, left_sum);
        sum += numbers[c];
        copy[c] = x[c];
    }
    float lanes[32];
    int whole[16];
    vstore16(length, 0, lanes);
    vstore16(left, 1, lanes);
    vstore16(sums, 0, whole);
    for (int i = 0; i < 16; i++) {
        length_sum += lanes[i];
        left_sum += lanes[16 + i];
        sum += whole[i];
    }
    sides[0] = scale;
    sides[1] = ROUGH_LENGTH(length_sum, k);
    sides[2] = ROUGH_LENGTH(left_sum, k);
    // Sums that begin with it are those of weights without a bias.
    sides[3] = as_float(-ROUGH_BIAS * sum);
}
