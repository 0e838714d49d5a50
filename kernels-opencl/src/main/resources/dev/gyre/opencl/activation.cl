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
#define DEFINE_SIGMOID(NAME, F)                                    \
    F NAME(const F x, const F u) {                                 \
        const F h = exp(-0.5f * fabs(u));                          \
        const F part = x / (1.0f + h * h);                         \
        return select(part * h * h, part, isgreaterequal(u, (F) 0.0f)); \
    }

#define DEFINE_ACTIVATION(NAME, F, SIGMOID)                                                             \
    F NAME(const int kind, const F x) {                                                         \
        switch (kind) {                                                                         \
            case RELU: return fmax(x, (F) 0.0f);                                                \
            case GELU: return 0.5f * x * erfc(-0.70710678f * x);                                \
            case GELU_TANH: return SIGMOID(x, 1.59576912f * (x + 0.044715f * x * x * x)); \
            case SWISH: return SIGMOID(x, x);                                                   \
            case TANH: return tanh(x);                                                          \
            default: return x;                                                                  \
        }                                                                                       \
    }

DEFINE_SIGMOID(sigmoid1, float)
DEFINE_ACTIVATION(activate1, float, sigmoid1)
#ifdef ACTIVATE_VECTORS
DEFINE_SIGMOID(sigmoid16, float16)
DEFINE_ACTIVATION(activate16, float16, sigmoid16)
#endif
