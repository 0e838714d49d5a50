// The non-linear functions, for one float and for 16. The numbers are the ordinals of dev.gyre.graph.Activation.

#define NONE 0
#define RELU 1
#define GELU 2
#define GELU_TANH 3
#define SWISH 4
#define TANH 5

// GELU by tanh: 0.5 x (1 + tanh u) = x / (1 + exp(-2u)), which needs one exponential and loses nothing for x < 0.
#define DEFINE_ACTIVATION(NAME, F)                                                              \
    F NAME(const int kind, const F x) {                                                         \
        switch (kind) {                                                                         \
            case RELU: return fmax(x, (F) 0.0f);                                                \
            case GELU: return 0.5f * x * erfc(-0.70710678f * x);                                \
            case GELU_TANH: return x / (1.0f + exp(-1.59576912f * (x + 0.044715f * x * x * x))); \
            case SWISH: return x / (1.0f + exp(-x));                                            \
            case TANH: return tanh(x);                                                          \
            default: return x;                                                                  \
        }                                                                                       \
    }

DEFINE_ACTIVATION(activate1, float)
#ifdef ACTIVATE_VECTORS
DEFINE_ACTIVATION(activate16, float16)
#endif
