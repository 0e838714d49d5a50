package dev.gyre.conformance;

import dev.gyre.backend.Device;
import dev.gyre.graph.Activation;
import dev.gyre.graph.Columns;
import dev.gyre.graph.Edit;
import dev.gyre.graph.ElementType;
import dev.gyre.graph.Graph;
import dev.gyre.graph.NormKind;
import dev.gyre.graph.Operation;
import dev.gyre.graph.Shape;
import dev.gyre.graph.Size;
import dev.gyre.graph.Size.Symbol;
import dev.gyre.graph.Tensor.Input;
import dev.gyre.graph.Tensor.Value;
import dev.gyre.graph.Tensor.Weight;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The yardstick itself, against numbers that PyTorch 2.13 and transformers 5.18 gave in float64 and that are written
 * here. Inputs are {@link #ramp}: {@code ((i·a + b) mod 17 - 8) / 8}, exact in float32.
 */
class ReferenceTest {

    static final double NEAR = 1e-6;

    /** {@code torch.nn.functional}: linear, then relu, gelu, gelu(approximate="tanh"), silu, tanh. */
    private static final Map<Activation, float[]> ACTIVATED = Map.of(
            Activation.NONE, new float[] {-0.0625f, -0.515625f, -0.171875f, -0.90625f, 1.125f, 1.5625f},
            Activation.RELU, new float[] {0, 0, 0, 0, 1.125f, 1.5625f},
            Activation.GELU,
                    new float[] {-0.0296926457f, -0.15626437f, -0.0742101079f, -0.165301606f, 0.978418668f, 1.4701795f},
            Activation.GELU_TANH,
                    new float[] {-0.0296926507f, -0.156283623f, -0.0742103893f, -0.165421192f, 0.97822479f, 1.46998061f
                    },
            Activation.SWISH,
                    new float[] {-0.0302737553f, -0.192779721f, -0.0785703732f, -0.260789583f, 0.84927936f, 1.29173718f
                    },
            Activation.TANH,
                    new float[] {-0.0624187467f, -0.474316325f, -0.170202308f, -0.719327501f, 0.80930107f, 0.915824544f
                    });

    @ParameterizedTest
    @EnumSource
    void linear(Activation activation) {
        CaseBuilder c = new CaseBuilder("linear by PyTorch");
        Value out = CaseBuilder.value("out", Size.of(2), 3);
        c.weights().give("w", ramp(15, 7, 2)).give("b", ramp(3, 3, 4));
        Input x = CaseBuilder.floats("x", Size.of(2), 5);
        Graph graph = c.graph(
                new Operation.Linear(out, x, Weight.matrix("w", 3, 5), Weight.vector("b", 3), activation, null));
        c.run(graph).input(x, ramp(10, 5, 1));
        require(c, out, ACTIVATED.get(activation));
    }

    /** The residual comes after the activation. */
    @Test
    void linearWithResidual() {
        CaseBuilder c = new CaseBuilder("linear with residual by PyTorch");
        Value out = CaseBuilder.value("out", Size.of(2), 3);
        c.weights().give("w", ramp(15, 7, 2)).give("b", ramp(3, 3, 4));
        Input x = CaseBuilder.floats("x", Size.of(2), 5);
        Input residual = CaseBuilder.floats("residual", Size.of(2), 3);
        Graph graph = c.graph(new Operation.Linear(
                out, x, Weight.matrix("w", 3, 5), Weight.vector("b", 3), Activation.GELU, residual));
        c.run(graph).input(x, ramp(10, 5, 1)).input(residual, ramp(6, 11, 5));
        require(c, out, -0.404692646f, 0.84373563f, 0.175789892f, -0.665301606f, 1.85341867f, 1.5951795f);
    }

    @Test
    void layerNormOfASum() {
        require(
                normed(NormKind.LAYER, true, 1e-5f),
                OUT,
                -0.742764193f,
                0.423197265f,
                -1.1963448f,
                -0.132786984f,
                -0.375f,
                -0.696025785f,
                1.32863415f,
                0.304958892f,
                0.0804689849f,
                -0.375f);
    }

    @Test
    void rmsNorm() {
        require(
                normed(NormKind.RMS, false, 1e-6f),
                OUT,
                -0.164190639f,
                -0.234558056f,
                -0.562939334f,
                -0.750585779f,
                0,
                0.0294627302f,
                0.883881905f,
                1.41421105f,
                0.117850921f,
                0);
    }

    private static final Value OUT = CaseBuilder.value("out", Size.of(2), 5);

    private static CaseBuilder normed(NormKind kind, boolean sumAndBeta, float epsilon) {
        CaseBuilder c = new CaseBuilder("norm by PyTorch");
        c.weights().give("gamma", ramp(5, 4, 9)).give("beta", ramp(5, 9, 3));
        Input x = CaseBuilder.floats("x", Size.of(2), 5);
        Input residual = CaseBuilder.floats("residual", Size.of(2), 5);
        Graph graph = c.graph(new Operation.Norm(
                OUT,
                null,
                x,
                sumAndBeta ? residual : null,
                kind,
                Weight.vector("gamma", 5),
                sumAndBeta ? Weight.vector("beta", 5) : null,
                epsilon));
        Run run = c.run(graph).input(x, ramp(10, 5, 1));
        if (sumAndBeta) {
            run.input(residual, ramp(10, 3, 7));
        }
        return c;
    }

    /** {@code apply_rotary_pos_emb} of transformers' Llama at positions 3 and 1. */
    @Test
    void rope() {
        CaseBuilder c = new CaseBuilder("rope by transformers");
        float[] table = new float[16];
        for (int p = 0; p < 4; p++) {
            for (int i = 0; i < 2; i++) {
                table[4 * p + i] = (float) Math.cos(p * Math.pow(10000, -i / 2.0));
                table[4 * p + 2 + i] = (float) Math.sin(p * Math.pow(10000, -i / 2.0));
            }
        }
        c.weights().give("angles", table);
        Value out = CaseBuilder.value("out", Size.of(2), 8);
        Input x = CaseBuilder.floats("x", Size.of(2), 8);
        Input positions = CaseBuilder.ints("positions", Size.of(2));
        Graph graph = c.graph(new Operation.Rope(out, Columns.all(x), 2, 4, Weight.matrix("angles", 4, 4), positions));
        c.run(graph).input(x, ramp(16, 5, 1)).input(positions, 3, 1);
        require(
                c,
                out,
                0.813323432f,
                -0.279883009f,
                -0.494727193f,
                0.992051159f,
                0.389156242f,
                0.147440379f,
                -0.813054376f,
                -0.745913088f,
                0.773933197f,
                0.503724938f,
                -0.645486179f,
                -0.369981333f,
                0.660994942f,
                0.87495625f,
                -0.127321195f,
                0.00874985417f);
    }

    /** {@code log_softmax}, RepetitionPenaltyLogitsProcessor(1.5), SuppressTokensLogitsProcessor, {@code topk}. */
    @Test
    void selectTopOfLogProbabilities() {
        float[] values = {
            -0.286925738f, -2.78692574f, -6.43038861f, -6.78692574f, -7.78692574f, -7.93038861f,
                    Float.NEGATIVE_INFINITY,
            -0.430388607f, -2.78692574f, -4.28692574f, -5.28692574f, -7.78692574f, -10.1803886f, Float.NEGATIVE_INFINITY
        };
        select(1, new int[] {6, 5, 1, 0, 3, 4, 2, 6, 5, 1, 4, 3, 0, 2}, values);
    }

    /** The same on raw logits: the penalty divides what is positive. */
    @Test
    void selectTopOfLogits() {
        float[] values = {
            3.5f,
            1,
            -0.75f,
            -2.25f,
            -3,
            -4,
            Float.NEGATIVE_INFINITY,
            2.66666667f,
            1.5f,
            0,
            -1,
            -3.5f,
            -3.75f,
            Float.NEGATIVE_INFINITY
        };
        select(0, new int[] {6, 5, 1, 4, 0, 3, 2, 6, 5, 1, 4, 3, 0, 2}, values);
    }

    private static void select(int normalised, int[] ids, float[] values) {
        CaseBuilder c = new CaseBuilder("select by transformers");
        Symbol n = CaseBuilder.symbol("ROWS", 2);
        Value logits = CaseBuilder.value("logits", n, 7);
        Input x = CaseBuilder.floats("x", n, 7);
        Input rows = CaseBuilder.ints("rows", n);
        Input normalise = CaseBuilder.ints("normalise", n);
        Input offsets = CaseBuilder.ints("offsets", new Size.Plus(n, 1));
        Input tokens = CaseBuilder.ints("tokens", Size.of(6));
        Input kinds = CaseBuilder.ints("kinds", Size.of(6));
        Input amounts = CaseBuilder.floats("amounts", Size.of(6));
        Operation.SelectTop select = new Operation.SelectTop(
                new Value("ids", ElementType.INT32, Shape.of(n, Size.of(7))),
                CaseBuilder.value("values", n, 7),
                new Value("log_sum", ElementType.FLOAT32, Shape.of(n)),
                logits,
                normalise,
                offsets,
                tokens,
                kinds,
                amounts);
        Graph graph = c.graph("select", new Operation.Gather(logits, x, rows), select);
        float[] scaled = ramp(14, 5, 2);
        for (int i = 0; i < scaled.length; i++) {
            scaled[i] *= 4;
        }
        int penalty = Edit.PENALTY.ordinal();
        int ban = Edit.BAN.ordinal();
        c.run(graph)
                .size(n, 2)
                .input(x, scaled)
                .input(rows, 0, 1)
                .input(normalise, normalised, normalised)
                .input(offsets, 0, 3, 6)
                .input(tokens, 1, 4, 2, 0, 6, 2)
                .input(kinds, penalty, penalty, ban, penalty, penalty, ban)
                .input(amounts, 1.5f, 1.5f, 0, 1.5f, 1.5f, 0);
        Outcome outcome = run(c);
        Agreement.requireSame("ids", ids, outcome.ints(select.ids()));
        Agreement.requireNear("values", values, outcome.floats(select.values()), NEAR);
        Agreement.requireNear(
                "log sums", new float[] {3.78692574f, 4.28692574f}, outcome.floats(select.logSum()), NEAR);
    }

    /** By hand: 2·row + position + type. */
    @Test
    void embed() {
        CaseBuilder c = new CaseBuilder("embed by hand");
        c.weights().give("table", 1, 2, 3, 4).give("positions", 10, 20, 30, 40).give("types", 100, 200);
        Size n = Size.of(3);
        Value out = CaseBuilder.value("out", n, 2);
        Input ids = CaseBuilder.ints("ids", n);
        Input positions = CaseBuilder.ints("positions", n);
        Input types = CaseBuilder.ints("types", n);
        Graph graph = c.graph(new Operation.Embed(
                out,
                Weight.matrix("table", 2, 2),
                ids,
                2,
                Weight.matrix("positions", 2, 2),
                positions,
                Weight.matrix("types", 1, 2),
                types));
        c.run(graph).input(ids, 1, 0, 1).input(positions, 0, 1, 1).input(types, 0, 0, 0);
        require(c, out, 116, 228, 132, 244, 136, 248);
    }

    static void require(CaseBuilder c, Value out, float... expected) {
        Agreement.requireNear(out.name(), expected, run(c).floats(out), NEAR);
    }

    static Outcome run(CaseBuilder c) {
        try (Device device = Yardstick.open()) {
            return Outcome.of(c.build(), device).getFirst();
        }
    }

    static float[] ramp(int count, int a, int b) {
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = ((i * a + b) % 17 - 8) / 8f;
        }
        return values;
    }
}
