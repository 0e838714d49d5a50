package dev.gyre.graph;

/** The non-linear functions of Transformers. {@link #apply} is their definition, in float64. */
public enum Activation {
    NONE,
    RELU,
    /** {@code x·Φ(x)} with the error function. */
    GELU,
    /** GELU by its tanh approximation ({@code gelu_new}, {@code gelu_pytorch_tanh}). */
    GELU_TANH,
    /** {@code x·sigmoid(x)}; also called SiLU. */
    SWISH,
    TANH;

    public double apply(double x) {
        return switch (this) {
            case NONE -> x;
            case RELU -> Math.max(x, 0);
            case GELU -> 0.5 * x * (1 + erf(x / Math.sqrt(2)));
            case GELU_TANH -> 0.5 * x * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x * x * x)));
            case SWISH -> x / (1 + Math.exp(-x));
            case TANH -> Math.tanh(x);
        };
    }

    /** The error function: its Maclaurin series near zero, the continued fraction of erfc beyond; within 1e-14. */
    private static double erf(double x) {
        double a = Math.abs(x);
        if (a > 6) {
            return Math.signum(x);
        }
        double e;
        if (a < 2.5) {
            double term = a;
            double sum = a;
            for (int n = 1; Math.abs(term) > 1e-17 * Math.abs(sum) && n < 200; n++) {
                term *= -a * a / n;
                sum += term / (2 * n + 1);
            }
            e = 2 / Math.sqrt(Math.PI) * sum;
        } else {
            double f = 0;
            for (int n = 60; n > 0; n--) {
                f = n / 2.0 / (a + f);
            }
            e = 1 - Math.exp(-a * a) / (Math.sqrt(Math.PI) * (a + f));
        }
        return x < 0 ? -e : e;
    }
}
