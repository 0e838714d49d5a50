// What products for GPUs have in common: how they read rows, and what follows a sum.

float finish(
    float sum, const int activation, __global const float* bias, __global const float* residual, const size_t at,
    const int column) {
    if (bias) sum += bias[column];
    if (activation) sum = activate1(activation, sum);
    if (residual) sum += residual[at];
    return sum;
}

// Whether rows can be read four numbers at a time.
int in_fours(__global const float* x, const int k) {
    return k % 4 == 0 && (size_t) x % 16 == 0;
}

// Four numbers of a row from kk on; what does not exist is zero.
float4 four_of_x(
    __global const float* x, const int row, const int rows, const int kk, const int k, const int fours) {
    float4 v = 0.0f;
    if (row < rows && kk < k) {
        __global const float* p = x + (size_t) row * k + kk;
        if (fours) {
            v = *(__global const float4*) p;
        } else {
            v.x = p[0];
            if (kk + 1 < k) v.y = p[1];
            if (kk + 2 < k) v.z = p[2];
            if (kk + 3 < k) v.w = p[3];
        }
    }
    return v;
}
