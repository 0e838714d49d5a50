// The product of four bytes of VNNI: to each of 16 sums of 32 bits, four products of numbers without a sign with numbers
// with one, neighbours in k; sums wrap around. This is all that knows the instruction.
//
// DOT4: 0 plain C that does exactly what the instruction does, on any device
//       1 vpdpbusd on 512 bits (AVX-512 VNNI)
//       2 vpdpbusd on 256 bits, two of them (AVX-VNNI)
//
// Assembly and not the compiler's builtins, which crash PoCL's compiler where it moves them into a function without their
// target attribute. It compiles wherever the registers are there, and stops the process where the instruction is not: the
// host looks at the processor first.

#if DOT4 == 1
#ifndef __AVX512F__
#error the compiler has no AVX-512 for this device
#endif
int16 dot4(int16 sum, const uint a, const int16 w) {
    __asm__("vpdpbusd %2, %1, %0" : "+v"(sum) : "v"((int16) (int) a), "v"(w));
    return sum;
}
#elif DOT4 == 2
#ifndef __AVX2__
#error the compiler has no AVX2 for this device
#endif
int16 dot4(const int16 sum, const uint a, const int16 w) {
    int8 low = sum.lo;
    int8 high = sum.hi;
    __asm__("%{vex%} vpdpbusd %2, %1, %0" : "+x"(low) : "x"((int8) (int) a), "x"(w.lo));
    __asm__("%{vex%} vpdpbusd %2, %1, %0" : "+x"(high) : "x"((int8) (int) a), "x"(w.hi));
    return (int16) (low, high);
}
#else
int16 dot4(const int16 sum, const uint a, const int16 w) {
    // Without a sign, so that wrapping around is defined.
    uint16 s = as_uint16(sum);
    for (uint b = 0; b < 32; b += 8) {
        s += as_uint16((int16) (int) (a >> b & 255) * ((w << (24 - b)) >> 24));
    }
    return as_int16(s);
}
#endif
