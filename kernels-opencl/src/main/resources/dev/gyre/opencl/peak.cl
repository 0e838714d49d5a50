// The roofs of a roofline: memory that is read, and fma from registers. Results are written so that nothing is left out.
//
// LANES: floats of a vector; 16 on CPU devices, 4 on GPUs
// CHAINS: independent sums of a work-item, enough to hide the latency of an fma and few enough to stay in registers
// CONTIGUOUS: 1 where a work-item reads a piece of its own, 0 where neighbouring ones read neighbouring vectors

#define JOIN(a, b) a##b
#define VECTOR_OF(n) JOIN(float, n)
#define VECTOR VECTOR_OF(LANES)

__kernel void read_all(__global const VECTOR* x, const int vectors, __global VECTOR* out) {
    const int id = (int) get_global_id(0);
    const int items = (int) get_global_size(0);
    VECTOR sum[4];
    for (int i = 0; i < 4; i++) sum[i] = (VECTOR) 0.0f;
#if CONTIGUOUS
    const int each = vectors / items;
    for (int v = id * each; v < (id + 1) * each; v += 4) {
        #pragma unroll
        for (int i = 0; i < 4; i++) sum[i] += x[v + i];
    }
#else
    for (int v = id; v < vectors; v += 4 * items) {
        #pragma unroll
        for (int i = 0; i < 4; i++) sum[i] += x[v + i * items];
    }
#endif
    out[id] = sum[0] + sum[1] + (sum[2] + sum[3]);
}

__kernel void compute(const int steps, const float start, __global VECTOR* out) {
    VECTOR sum[CHAINS];
    const VECTOR a = (VECTOR) 0.999f;
    const VECTOR b = (VECTOR) (start + (float) get_global_id(0));
    #pragma unroll
    for (int i = 0; i < CHAINS; i++) sum[i] = b + (float) i;
    for (int s = 0; s < steps; s++) {
        #pragma unroll
        for (int i = 0; i < CHAINS; i++) sum[i] = fma(sum[i], a, b);
    }
    #pragma unroll
    for (int i = 1; i < CHAINS; i++) sum[0] += sum[i];
    out[get_global_id(0)] = sum[0];
}
