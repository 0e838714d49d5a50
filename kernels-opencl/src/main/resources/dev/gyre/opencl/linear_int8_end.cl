// What all products of int8 on CPUs do with 16 exact sums of one row: out = activation(sums as floats + bias) + residual.
// The order of the roundings is the same for all of them. Of a part of a panel only `columns` exist.
//
// The compiler makes a call of it in every tile. Six rows by 16 columns are too little work to hide six calls behind; the
// tiles of four neighbours have more, and so many rows and panels that copies would be long to compile.
#if WIDE == 1
__attribute__((always_inline))
#endif
void int8_end(
    const int16 sum, const float16 column_scale, const float scale, __global float* out, const int columns,
    const int activation, __global const float* bias, __global const float* residual) {
    float16 s = convert_float16(sum) * column_scale * scale;
    if (columns >= 16) {
        if (bias) s += vload16(0, bias);
        if (activation) s = activate16(activation, s);
        if (residual) s += vload16(0, residual);
        vstore16(s, 0, out);
    } else {
        float lanes[16];
        for (int c = 0; c < 16; c++) lanes[c] = bias && c < columns ? bias[c] : 0.0f;
        s += vload16(0, lanes);
        if (activation) s = activate16(activation, s);
        vstore16(s, 0, lanes);
        for (int c = 0; c < columns; c++) out[c] = residual ? lanes[c] + residual[c] : lanes[c];
    }
}
