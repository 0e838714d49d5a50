// The product of four bytes of NVIDIA: sum + the four products of numbers of 8 bits with a sign, exact. This is all that
// knows the instruction.
//
// DP4A: 0 plain C that does exactly what the instruction does, on any device
//       1 dp4a (compute capability 6.1)

#if DP4A
int dp4a(const int sum, const int a, const int b) {
    int d;
    __asm__("dp4a.s32.s32 %0, %1, %2, %3;" : "=r"(d) : "r"(a), "r"(b), "r"(sum));
    return d;
}
#else
int dp4a(const int sum, const int a, const int b) {
    const int4 products = convert_int4(as_char4(a)) * convert_int4(as_char4(b));
    return sum + products.x + products.y + products.z + products.w;
}
#endif
