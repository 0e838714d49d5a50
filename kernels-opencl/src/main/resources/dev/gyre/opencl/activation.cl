// The non-linear functions, for one float and for 16. The numbers are the ordinals of dev.gyre.graph.Activation.

#define NONE 0
#define RELU 1
#define GELU 2
#define GELU_TANH 3
#define SWISH 4
#define TANH 5

// GELU by tanh: 0.5 x (1 + tanh u) = x sigmoid(2u), which needs one exponential and loses nothing for x < 0.
//
// x sigmoid(u): with h = exp(-|u|/2) nothing overflows, and far below zero, where it is x exp(u), the product is built
// from two factors that are both normal numbers.
// erfc: the Chebyshev fit of Numerical Recipes (Press et al., section 6.2), 1.2e-7 relative everywhere.
// tanh: (1 - e) / (1 + e) with e = exp(-2|x|); its series near zero, where the difference would lose digits.
// Both because the built-in ones are not vectors of instructions everywhere.
#define DEFINE_SIGMOID(NAME, F)                                    \
    F NAME(const F x, const F u) {                                 \
        const F h = exp(-0.5f * fabs(u));                          \
        const F part = x / (1.0f + h * h);                         \
        return select(part * h * h, part, isgreaterequal(u, (F) 0.0f)); \
    }

#define DEFINE_ERFC(NAME, F)                                                                                   \
    F NAME(const F x) {                                                                                        \
        const F z = fabs(x);                                                                                   \
        const F t = 1.0f / (1.0f + 0.5f * z);                                                                  \
        F p = 0.17087277f * t - 0.82215223f;                                                                   \
        p = p * t + 1.48851587f;                                                                               \
        p = p * t - 1.13520398f;                                                                               \
        p = p * t + 0.27886807f;                                                                               \
        p = p * t - 0.18628806f;                                                                               \
        p = p * t + 0.09678418f;                                                                               \
        p = p * t + 0.37409196f;                                                                               \
        p = p * t + 1.00002368f;                                                                               \
        p = p * t - 1.26551223f;                                                                               \
        const F e = t * exp(p - z * z);                                                                        \
        return select(2.0f - e, e, isgreaterequal(x, (F) 0.0f));                                               \
    }

#define DEFINE_TANH(NAME, F)                                                                                   \
    F NAME(const F x) {                                                                                        \
        const F e = exp(-2.0f * fabs(x));                                                                      \
        const F far = copysign((1.0f - e) / (1.0f + e), x);                                                    \
        const F q = x * x;                                                                                     \
        const F near = x * (1.0f + q * (-0.33333333f + q * (0.13333333f + q * (-0.05396825f + q * 0.02186949f)))); \
        return select(far, near, isless(q, (F) 0.0625f));                                                      \
    }

#define DEFINE_ACTIVATION(NAME, F, SIGMOID, ERFC, TANH_OF)                                                             \
    F NAME(const int kind, const F x) {                                                         \
        switch (kind) {                                                                         \
            case RELU: return x < 0.0f ? (F) 0.0f : x; /* not fmax: NaN stays */                \
            case GELU: return 0.5f * x * ERFC(-0.70710678f * x);                                \
            case GELU_TANH: return SIGMOID(x, 1.59576912f * (x + 0.044715f * x * x * x)); \
            case SWISH: return SIGMOID(x, x);                                                   \
            case TANH: return TANH_OF(x);                                                       \
            default: return x;                                                                  \
        }                                                                                       \
    }

DEFINE_SIGMOID(sigmoid1, float)
DEFINE_ERFC(erfc1, float)
DEFINE_TANH(tanh1, float)
DEFINE_ACTIVATION(activate1, float, sigmoid1, erfc1, tanh1)
#ifdef ACTIVATE_VECTORS
DEFINE_SIGMOID(sigmoid16, float16)
DEFINE_ERFC(erfc16, float16)
DEFINE_TANH(tanh16, float16)
DEFINE_ACTIVATION(activate16, float16, sigmoid16, erfc16, tanh16)
#endif
