package dev.gyre.cpu;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShuffle;
import jdk.incubator.vector.VectorSpecies;

/**
 * Functions of whole vectors. Polynomials are least-squares fits, reweighted until the relative error was level, and
 * are evaluated with fused multiply-adds. The largest errors seen against float64 are in {@code FunctionAccuracyTest}.
 */
final class VectorMath {

    static final VectorSpecies<Float> SPECIES = FloatVector.SPECIES_PREFERRED;
    static final int LANES = SPECIES.length();

    private static final VectorShuffle<Float> BY_8 = rotation(8);
    private static final VectorShuffle<Float> BY_4 = rotation(4);
    private static final VectorShuffle<Float> BY_2 = rotation(2);
    private static final VectorShuffle<Float> BY_1 = rotation(1);

    private static final float LOG2_E = 1.44269504f;
    /** ln 2 in two parts, the first with so few bits that its multiples are exact. */
    private static final float LN2_HIGH = 0.693359375f;

    private static final float LN2_LOW = -2.12194440e-4f;
    /** Adding it rounds to an integer, which is then in the low bits. */
    private static final float ROUND = 12582912f;

    private static final float SMALLEST_EXPONENT = -87.3f;
    private static final float LARGEST_EXPONENT = 88.3f;

    private VectorMath() {}

    private static VectorShuffle<Float> rotation(int by) {
        return VectorShuffle.fromOp(SPECIES, i -> (i + by) % LANES);
    }

    /**
     * The sum of the lanes as a fixed tree. {@code reduceLanes(ADD)} leaves the order open, and the interpreter's
     * differs from the compiler's.
     */
    static float sum(FloatVector v) {
        FloatVector s = v;
        if (LANES >= 16) {
            s = s.add(s.rearrange(BY_8));
        }
        if (LANES >= 8) {
            s = s.add(s.rearrange(BY_4));
        }
        if (LANES >= 4) {
            s = s.add(s.rearrange(BY_2));
        }
        if (LANES >= 2) {
            s = s.add(s.rearrange(BY_1));
        }
        return s.lane(0);
    }

    /** {@code e^x}; 0 below -87.3, where float32 loses its precision; the value at 88.3 above that. */
    static FloatVector exp(FloatVector x) {
        FloatVector clamped = x.min(LARGEST_EXPONENT).max(SMALLEST_EXPONENT);
        FloatVector shifted =
                clamped.fma(FloatVector.broadcast(SPECIES, LOG2_E), FloatVector.broadcast(SPECIES, ROUND));
        FloatVector n = shifted.sub(ROUND);
        FloatVector r = n.fma(FloatVector.broadcast(SPECIES, -LN2_HIGH), clamped);
        r = n.fma(FloatVector.broadcast(SPECIES, -LN2_LOW), r);
        FloatVector p = FloatVector.broadcast(SPECIES, 0.0013836831785738468f);
        p = p.fma(r, FloatVector.broadcast(SPECIES, 0.008374824188649654f));
        p = p.fma(r, FloatVector.broadcast(SPECIES, 0.04166822507977486f));
        p = p.fma(r, FloatVector.broadcast(SPECIES, 0.16666419804096222f));
        p = p.fma(r, FloatVector.broadcast(SPECIES, 0.49999991059303284f));
        p = p.fma(r, FloatVector.broadcast(SPECIES, 1));
        p = p.fma(r, FloatVector.broadcast(SPECIES, 1));
        IntVector power = shifted.reinterpretAsInts().lanewise(VectorOperators.LSHL, 23);
        FloatVector e = p.reinterpretAsInts().add(power).reinterpretAsFloats();
        return e.blend(0, x.compare(VectorOperators.LT, SMALLEST_EXPONENT));
    }

    /** The hyperbolic tangent: an odd polynomial near zero, {@code 1 - 2 / (e^(2|x|) + 1)} beyond 0.625. */
    static FloatVector tanh(FloatVector x) {
        FloatVector a = x.abs();
        FloatVector far = FloatVector.broadcast(SPECIES, 1)
                .sub(FloatVector.broadcast(SPECIES, 2).div(exp(a.add(a)).add(1)));
        FloatVector s = a.mul(a);
        FloatVector p = FloatVector.broadcast(SPECIES, -0.005717036779969931f);
        p = p.fma(s, FloatVector.broadcast(SPECIES, 0.020650578662753105f));
        p = p.fma(s, FloatVector.broadcast(SPECIES, -0.05374349653720856f));
        p = p.fma(s, FloatVector.broadcast(SPECIES, 0.13331490755081177f));
        p = p.fma(s, FloatVector.broadcast(SPECIES, -0.3333328366279602f));
        FloatVector near = p.mul(s).fma(a, a);
        return withSign(far.blend(near, a.compare(VectorOperators.LT, 0.625f)), x);
    }

    private static FloatVector withSign(FloatVector magnitude, FloatVector sign) {
        VectorMask<Float> negative = sign.compare(VectorOperators.LT, 0);
        return magnitude.blend(magnitude.neg(), negative);
    }

    /**
     * See {@link dev.gyre.graph.Activation#GELU}. With {@code h = erfc(|x|/√2)/2}, of which a polynomial gives the
     * logarithm, it is {@code x·h} for negative x, exact in the tail too, and {@code x·(1 - h)} else; 0 below -6,
     * where it is -6e-9.
     */
    static FloatVector gelu(FloatVector x) {
        FloatVector a = x.abs().min(6);
        FloatVector q = FloatVector.broadcast(SPECIES, 2.2861259552087176e-09f);
        q = q.fma(a, FloatVector.broadcast(SPECIES, -8.134378504109918e-08f));
        q = q.fma(a, FloatVector.broadcast(SPECIES, 1.2865808685091906e-06f));
        q = q.fma(a, FloatVector.broadcast(SPECIES, -1.1849115253426135e-05f));
        q = q.fma(a, FloatVector.broadcast(SPECIES, 6.847162148915231e-05f));
        q = q.fma(a, FloatVector.broadcast(SPECIES, -0.00022792867093812674f));
        q = q.fma(a, FloatVector.broadcast(SPECIES, 4.427023304742761e-05f));
        q = q.fma(a, FloatVector.broadcast(SPECIES, 0.004783776588737965f));
        q = q.fma(a, FloatVector.broadcast(SPECIES, -0.03633951023221016f));
        q = q.fma(a, FloatVector.broadcast(SPECIES, -0.3183079957962036f));
        q = q.fma(a, FloatVector.broadcast(SPECIES, -0.7978849411010742f));
        q = q.fma(a, FloatVector.broadcast(SPECIES, -0.6931471824645996f));
        FloatVector h = exp(q).blend(0, x.compare(VectorOperators.LT, -6));
        return x.mul(FloatVector.broadcast(SPECIES, 1).sub(h).blend(h, x.compare(VectorOperators.LT, 0)));
    }

    /** See {@link dev.gyre.graph.Activation#GELU_TANH}: {@code (1 + tanh(y))/2} is the logistic function of 2y. */
    static FloatVector geluTanh(FloatVector x) {
        return timesLogistic(
                x,
                x.mul(x).mul(2 * 0.79788456f * 0.044715f).add(2 * 0.79788456f).mul(x));
    }

    /** See {@link dev.gyre.graph.Activation#SWISH}. */
    static FloatVector swish(FloatVector x) {
        return timesLogistic(x, x);
    }

    /** {@code x / (1 + e^-y)}; 0 below -88, where float32 cannot say it and the exponential would be cut off. */
    private static FloatVector timesLogistic(FloatVector x, FloatVector y) {
        return x.div(exp(y.neg()).add(1)).blend(0, y.compare(VectorOperators.LT, -88));
    }
}
