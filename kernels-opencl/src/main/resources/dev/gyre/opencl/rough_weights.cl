// The weights of the output layer once more, in 7 bits, to find out roughly which logits may be the largest. Made once, of
// the packed weights.
//
//   a panel:  | [depth / 4][16 columns][4 neighbours of k] in 8 bits | [16] scale | [16] bias | [16] off | [16] length |
//
// Seven bits, as the processor adds two neighbours' products in 16 (dot4.cl): twice 127 * 127 always goes into them.
//
// A product of whole numbers is off by at most  |x| off + |what is left of x| length,  by Cauchy's inequality: off is the
// Euclidean length of what rounding left of the column, with all that float32 may lose on either side; length is that of
// the rounded column. Columns that are not there have the bias of -infinity.
//
// global id: panel of 16 columns

SINGLE rough_weights(
    RUN, const int n, const int k, const int depth, IN(Stored, weight), IN(float, bias), const int extras,
    __global char* rough) {
    const int column = ITEM(0) * 16;
    __global const Stored* w = ARRAY(weight) + (size_t) (column / PANEL) * k * PANEL + column % PANEL;
    rough += (size_t) ITEM(0) * ROUGH_PANEL_BYTES(depth);
    float16 most = 0.0f;
    for (int kk = 0; kk < k; kk++) most = fmax(most, fabs(WEIGHT16(0, w + (size_t) kk * PANEL)));
    const float16 factor = select((float16) 0.0f, ROUGH_MOST / most, most > 1e-30f);
    const float16 scale = most / (float) ROUGH_MOST;
    float16 left = 0.0f;
    float16 length = 0.0f;
    for (int kk = 0; kk < depth; kk += 4) {
        int16 four = 0;
        for (int i = 0; i < 4 && kk + i < k; i++) {
            const float16 v = WEIGHT16(0, w + (size_t) (kk + i) * PANEL);
            const float16 number = rint(v * factor);
            const float16 rest = fma(-number, scale, v);
            left = fma(rest, rest, left);
            length = fma(number * scale, number * scale, length);
            four |= (convert_int16(number) + ROUGH_BIAS & 255) << 8 * i;
        }
        vstore16(four, kk / 4, (__global int*) rough);
    }
    const float16 off = ROUGH_LENGTH(left, k);
    const float16 rounded = ROUGH_LENGTH(length, k);
    float biases[16];
    for (int c = 0; c < 16; c++) {
        const float b = column + c >= n ? -INFINITY : extras & 1 ? ARRAY(bias)[column + c] : 0.0f;
        biases[c] = isinf(b) ? b : b + fabs(b) * 5e-7f;
    }
    __global float* sides = (__global float*) (rough + 16 * depth);
    vstore16(scale, 0, sides);
    vstore16(vload16(0, biases), 1, sides);
    vstore16(off + (off + rounded) * ROUGH_LOST(k), 2, sides);
    vstore16(rounded, 3, sides);
}
