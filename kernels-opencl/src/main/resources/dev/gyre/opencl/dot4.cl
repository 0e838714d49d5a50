// The product of four bytes of VNNI: to each of 16 sums of 32 bits, four products of numbers without a sign with numbers
// with one, neighbours in k; sums wrap around. This is all that knows the instruction.
//
// DOT4: 0 plain C that does exactly what the instruction does, on any device
//       1 vpdpbusd on 512 bits (AVX-512 VNNI)
//       2 vpdpbusd on 256 bits, two of them (AVX-VNNI)
//       3 vpmaddubsw and vpmaddwd on 256 bits, two of each (AVX2): here `w` is what has no sign and `a` what has one, and
//         sums of two neighbours saturate at 16 bits; see quantize.cl for why they never reach that
//       4 plain C that does exactly what 3 does
//
// Of vpdpbusd assembly and not the compiler's builtins, which crash PoCL's compiler where it moves them into a function without their
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
#elif DOT4 == 3
#ifndef __AVX2__
#error the compiler has no AVX2 for this device
#endif
// From memory, as the sums of a tile leave no register for it, and the compiler would move sums about to make room.
__constant short16 ONES = 1;
int8 two_pairs(const int8 sum, const int8 a, const int8 w) {
    int8 pairs;
    __asm__("vpmaddubsw %2, %1, %0\n\tvpmaddwd %3, %0, %0" : "=&x"(pairs) : "x"(w), "x"(a), "m"(ONES));
    return sum + pairs;
}
int16 dot4(const int16 sum, const uint a, const int16 w) {
    const int8 all = (int8) (int) a;
    return (int16) (two_pairs(sum.lo, all, w.lo), two_pairs(sum.hi, all, w.hi));
}
#elif DOT4 == 4
int16 dot4(const int16 sum, const uint a, const int16 w) {
    uint16 s = as_uint16(sum);
    for (uint b = 0; b < 32; b += 16) {
        const int16 pair = (w >> b & 255) * (int16) (int) (char) (a >> b) + (w >> (b + 8) & 255) * (int16) (int) (char) (a >> (b + 8));
        s += as_uint16(max(min(pair, (int16) 32767), (int16) -32768));
    }
    return as_int16(s);
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
