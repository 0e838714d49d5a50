// ASK_FOR(p) asks for the line of memory at p, as PREFETCH says where it stands: what is taken in later may ask in another way.
//
// PREFETCH: locality hint, 1 to 3, where the compiler has __builtin_prefetch and memory is flat; 0 does not ask

#ifndef PREFETCH
#define PREFETCH 0
#endif
#ifndef ASK_FOR
#define ASK(p, hint) __builtin_prefetch((const void*) (size_t) (p), 0, hint)
#define ASK_0(p)
#define ASK_1(p) ASK(p, 1)
#define ASK_2(p) ASK(p, 2)
#define ASK_3(p) ASK(p, 3)
#define ASK_NAME(hint, p) ASK_##hint(p)
#define ASK_JOIN(hint, p) ASK_NAME(hint, p)
#define ASK_FOR(p) ASK_JOIN(PREFETCH, p)
#endif
