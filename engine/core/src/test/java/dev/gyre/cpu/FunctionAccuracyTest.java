package dev.gyre.cpu;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.gyre.graph.Activation;
import java.util.function.DoubleUnaryOperator;
import jdk.incubator.vector.FloatVector;
import org.junit.jupiter.api.Test;

/** The vectors' functions against float64, on a fine grid over the whole range. */
class FunctionAccuracyTest {

    private interface OfVector {
        FloatVector apply(FloatVector x);
    }

    /** The largest error, relative to the value but to no less than {@code floor}. */
    private static double largestError(
            OfVector function, DoubleUnaryOperator exact, double from, double to, double floor) {
        float[] x = new float[VectorMath.LANES];
        float[] y = new float[VectorMath.LANES];
        int steps = 400_000;
        double worst = 0;
        for (int i = 0; i < steps; i += x.length) {
            for (int lane = 0; lane < x.length; lane++) {
                x[lane] = (float) (from + (to - from) * (i + lane) / steps);
            }
            function.apply(FloatVector.fromArray(VectorMath.SPECIES, x, 0)).intoArray(y, 0);
            for (int lane = 0; lane < x.length; lane++) {
                double expected = exact.applyAsDouble(x[lane]);
                double error = Math.abs(y[lane] - expected) / Math.max(Math.abs(expected), floor);
                worst = Math.max(worst, Double.isNaN(error) ? Double.POSITIVE_INFINITY : error);
            }
        }
        return worst;
    }

    private static void within(double bound, double error) {
        assertTrue(error <= bound, "largest error " + error + ", bound " + bound);
    }

    @Test
    void exponential() {
        within(1.3e-7, largestError(VectorMath::exp, Math::exp, -87, 88, 0));
        within(1.3e-7, largestError(VectorMath::exp, Math::exp, -1, 1, 0));
    }

    @Test
    void exponentialOfVerySmallIsZero() {
        within(0, largestError(VectorMath::exp, _ -> 0, -1e6, -87.4, 1));
        float[] e = new float[VectorMath.LANES];
        VectorMath.exp(FloatVector.broadcast(VectorMath.SPECIES, Float.NEGATIVE_INFINITY))
                .intoArray(e, 0);
        assertTrue(e[0] == 0);
    }

    @Test
    void hyperbolicTangent() {
        within(2.5e-7, largestError(VectorMath::tanh, Math::tanh, -12, 12, 1e-30));
        within(2.5e-7, largestError(VectorMath::tanh, Math::tanh, -100, 100, 1e-30));
    }

    @Test
    void activations() {
        within(3e-7, largestError(VectorMath::gelu, Activation.GELU::apply, -10, 10, 1));
        within(3e-7, largestError(VectorMath::gelu, Activation.GELU::apply, 0, 10, 1e-30));
        within(7e-9, largestError(VectorMath::gelu, Activation.GELU::apply, -1e30, -5.9, 1));
        within(3e-6, largestError(VectorMath::gelu, Activation.GELU::apply, -4, 0, 1e-30));
        within(3e-7, largestError(VectorMath::geluTanh, Activation.GELU_TANH::apply, -10, 10, 1));
        within(3e-7, largestError(VectorMath::swish, Activation.SWISH::apply, -100, 100, 1));
        within(1e-30, largestError(VectorMath::swish, Activation.SWISH::apply, -1e30, -100, 1));
    }
}
