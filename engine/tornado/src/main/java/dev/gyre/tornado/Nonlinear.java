package dev.gyre.tornado;

import uk.ac.manchester.tornado.api.math.TornadoMath;

/** {@link dev.gyre.graph.Activation} for kernels; the numbers are its ordinals. */
final class Nonlinear {

    private static final int RELU = 1;
    private static final int GELU = 2;
    private static final int GELU_TANH = 3;
    private static final int SWISH = 4;
    private static final int TANH = 5;

    private Nonlinear() {}

    static float apply(int kind, float x) {
        float y = x;
        if (kind == RELU) {
            y = TornadoMath.max(x, 0f);
        } else if (kind == GELU) {
            y = gelu(x);
        } else if (kind == GELU_TANH) {
            // 0.5 x (1 + tanh u) = x / (1 + exp(-2u)): one exponential, and nothing is lost for x < 0
            y = x / (1f + TornadoMath.exp(-1.59576912f * (x + 0.044715f * x * x * x)));
        } else if (kind == SWISH) {
            y = swish(x);
        } else if (kind == TANH) {
            y = TornadoMath.tanh(x);
        }
        return y;
    }

    /** Whichever exponential does not overflow. */
    private static float swish(float x) {
        float e = TornadoMath.exp(-TornadoMath.abs(x));
        float y = x / (1f + e);
        if (x < 0f) {
            y *= e;
        }
        return y;
    }

    /**
     * {@code x·Φ(x)} by a Chebyshev fit of erfc with a fractional error below 1.2e-7 (Press et al., Numerical Recipes,
     * section 6.2): TornadoVM has no error function.
     */
    private static float gelu(float x) {
        float z = 0.70710678f * TornadoMath.abs(x);
        float t = 1f / (1f + 0.5f * z);
        float p = 0.17087277f;
        p = p * t - 0.82215223f;
        p = p * t + 1.48851587f;
        p = p * t - 1.13520398f;
        p = p * t + 0.27886807f;
        p = p * t - 0.18628806f;
        p = p * t + 0.09678418f;
        p = p * t + 0.37409196f;
        p = p * t + 1.00002368f;
        p = p * t - 1.26551223f;
        float erfc = t * TornadoMath.exp(p - z * z);
        float phi = 0.5f * erfc;
        return x < 0f ? x * phi : x * (1f - phi);
    }
}
