package dev.gyre.conformance;

import dev.gyre.backend.Device;
import dev.gyre.graph.Columns;
import dev.gyre.graph.ElementType;
import dev.gyre.graph.Graph;
import dev.gyre.graph.Keys;
import dev.gyre.graph.Operation;
import dev.gyre.graph.PositionBias;
import dev.gyre.graph.Shape;
import dev.gyre.graph.Size;
import dev.gyre.graph.Size.Symbol;
import dev.gyre.graph.Tensor.Input;
import dev.gyre.graph.Tensor.State;
import dev.gyre.graph.Tensor.Value;
import dev.gyre.graph.Tensor.Weight;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** As {@link ReferenceTest}: attention, against {@code scaled_dot_product_attention} in float64, and by hand. */
class ReferenceAttentionTest {

    /** {@code scaled_dot_product_attention} of sequences of three and two rows, two query heads on one key head. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void packedAttention(boolean causal) {
        float[] expected = causal
                ? new float[] {
                    -0.75f,
                    -0.375f,
                    0,
                    -0.75f,
                    -0.375f,
                    0,
                    -0.180908505f,
                    0.194091495f,
                    -0.505859107f,
                    -0.158960075f,
                    0.216039925f,
                    -0.525368822f,
                    -0.285651642f,
                    0.0893483583f,
                    -0.340864465f,
                    -0.260460582f,
                    0.114539418f,
                    -0.331742353f,
                    0.5f,
                    0.875f,
                    -0.875f,
                    0.5f,
                    0.875f,
                    -0.875f,
                    -0.151354865f,
                    0.223645135f,
                    -0.142225777f,
                    -0.16888026f,
                    0.20611974f,
                    -0.122509707f
                }
                : new float[] {
                    -0.432955839f,
                    -0.057955839f,
                    -0.221930913f,
                    -0.411133743f,
                    -0.0361337433f,
                    -0.247226866f,
                    -0.345944499f,
                    0.029055501f,
                    -0.271415392f,
                    -0.316201693f,
                    0.058798307f,
                    -0.305934734f,
                    -0.285651642f,
                    0.0893483583f,
                    -0.340864465f,
                    -0.260460582f,
                    0.114539418f,
                    -0.331742353f,
                    0.0156199157f,
                    0.390619916f,
                    -0.330072405f,
                    -0.133410264f,
                    0.241589736f,
                    -0.162413453f,
                    -0.151354865f,
                    0.223645135f,
                    -0.142225777f,
                    -0.16888026f,
                    0.20611974f,
                    -0.122509707f
                };
        attention(5, new int[] {0, 3, 5}, causal, null, null, expected);
    }

    /** The same with a bias by distance as {@code attn_mask}, distances of three clamped to two. */
    @Test
    void attentionWithPositionBias() {
        float[] expected = {
            -0.437562962f,
            -0.0625629623f,
            -0.200330522f,
            -0.433939313f,
            -0.0589393127f,
            -0.207597349f,
            0.155400788f,
            0.530400788f,
            -0.68364993f,
            0.164873577f,
            0.539873577f,
            -0.697965239f,
            -0.118212888f,
            0.256787112f,
            -0.405877848f,
            -0.295930362f,
            0.0790696376f,
            -0.24132807f,
            -0.0303245318f,
            0.344675468f,
            -0.465184092f,
            -0.0333330359f,
            0.341666964f,
            -0.467639517f
        };
        float[] lastRow = {
            0.0771624262f,
            0.183662555f,
            0.365256604f,
            0.373918415f,
            0.193815402f,
            0.0887351568f,
            0.248863902f,
            0.46858554f
        };
        attention(4, new int[] {0, 4}, false, new PositionBias(Weight.matrix("table", 5, 2), 2), lastRow, expected);
    }

    private static void attention(
            int rows,
            int[] offsets,
            boolean causal,
            @Nullable PositionBias bias,
            float @Nullable [] weightsOfLastRow,
            float[] expected) {
        CaseBuilder c = new CaseBuilder("attention by PyTorch");
        c.weights().give("table", ReferenceTest.ramp(10, 3, 1));
        Size n = Size.of(rows);
        Value out = CaseBuilder.value("out", n, 6);
        Value weights = new Value("weights", ElementType.FLOAT32, Shape.of(n, Size.of(2), Size.of(rows)));
        Input query = CaseBuilder.floats("q", n, 6);
        Input key = CaseBuilder.floats("k", n, 3);
        Input value = CaseBuilder.floats("v", n, 3);
        Input of = CaseBuilder.ints("offsets", Size.of(offsets.length));
        Graph graph = c.graph(new Operation.Attention(
                out,
                weights,
                Columns.all(query),
                Columns.all(key),
                Columns.all(value),
                2,
                1,
                3,
                0.5f,
                new Keys.Packed(of, causal),
                bias));
        c.run(graph)
                .input(query, ReferenceTest.ramp(rows * 6, 5, 3))
                .input(key, ReferenceTest.ramp(rows * 3, 7, 1))
                .input(value, ReferenceTest.ramp(rows * 3, 3, 2))
                .input(of, offsets);
        ReferenceTest.require(c, out, expected);
        if (weightsOfLastRow != null) {
            float[] all = ReferenceTest.run(c).floats(weights);
            Agreement.requireNear(
                    "attention weights",
                    weightsOfLastRow,
                    java.util.Arrays.copyOfRange(all, all.length - 2 * rows, all.length),
                    ReferenceTest.NEAR);
        }
    }

    /**
     * By hand: two positions per slot, values {@code 1, 2} in slot 0 and {@code 10, 20} in slot 1, no query, so a row
     * sees the mean of what its line names. Line 2 takes position 0 from line 1 and goes on in slot 0.
     */
    @Test
    void ancestry() {
        CaseBuilder c = new CaseBuilder("ancestry by hand");
        State lines = new State("lines", ElementType.INT32, Shape.of(3, 2));
        State cache = new State("cache", ElementType.FLOAT32, Shape.of(4, 1));
        Symbol n = CaseBuilder.symbol("ROWS", 4);
        Symbol hypotheses = CaseBuilder.symbol("HYPOTHESES", 2);
        Input from = CaseBuilder.ints("from", hypotheses);
        Input to = CaseBuilder.ints("to", hypotheses);
        Input inherited = CaseBuilder.ints("inherited", hypotheses);
        Input lengths = CaseBuilder.ints("lengths", hypotheses);
        Input slot = CaseBuilder.ints("slot", hypotheses);
        Input source = CaseBuilder.floats("source", n, 1);
        Input query = CaseBuilder.floats("query", n, 1);
        Input destination = CaseBuilder.ints("destination", n);
        Input line = CaseBuilder.ints("line", n);
        Input length = CaseBuilder.ints("length", n);
        Value out = CaseBuilder.value("out", n, 1);
        Graph graph = c.graph(
                "step",
                new Operation.AdvanceAncestry(lines, from, to, inherited, lengths, slot),
                new Operation.AppendCache(cache, Columns.all(source), destination),
                new Operation.Attention(
                        out,
                        null,
                        Columns.all(query),
                        Columns.all(cache),
                        Columns.all(cache),
                        1,
                        1,
                        1,
                        1,
                        new Keys.Ancestry(lines, line, length),
                        null));
        c.run(graph)
                .size(n, 4)
                .size(hypotheses, 2)
                .input(from, 0, 1)
                .input(to, 0, 1)
                .input(inherited, 0, 0)
                .input(lengths, 2, 2)
                .input(slot, 0, 1)
                .input(source, 20, 1, 10, 2)
                .input(destination, 3, 0, 2, 1)
                .input(query, 0, 0, 0, 0)
                .input(line, 0, 0, 1, 1)
                .input(length, 1, 2, 2, 0);
        c.run(graph)
                .size(n, 1)
                .size(hypotheses, 1)
                .input(from, 1)
                .input(to, 2)
                .input(inherited, 1)
                .input(lengths, 2)
                .input(slot, 0)
                .input(source, 4)
                .input(destination, 1)
                .input(query, 0)
                .input(line, 2)
                .input(length, 2);
        Case built = c.build();
        try (Device device = Yardstick.open()) {
            var outcomes = Outcome.of(built, device);
            Agreement.requireEqual(
                    "first step", new float[] {1, 1.5f, 15, 0}, outcomes.get(0).floats(out));
            Agreement.requireEqual(
                    "second step", new float[] {7}, outcomes.get(1).floats(out));
        }
    }
}
