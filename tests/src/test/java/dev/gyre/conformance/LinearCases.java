package dev.gyre.conformance;

import dev.gyre.graph.Activation;
import dev.gyre.graph.Operation.Linear;
import dev.gyre.graph.Size;
import dev.gyre.graph.Size.Symbol;
import dev.gyre.graph.Tensor.Input;
import dev.gyre.graph.Tensor.Value;
import dev.gyre.graph.Tensor.Weight;
import java.util.ArrayList;
import java.util.List;

/** Products: every activation, bias and residual, and shapes on both sides of every likely tile. */
final class LinearCases {

    /** n and k: one, odd, a tile, a tile and one more, wide, narrow. */
    private static final int[][] SHAPES = {
        {1, 1},
        {1, 7},
        {3, 1},
        {2, 2},
        {5, 3},
        {7, 12},
        {8, 8},
        {15, 17},
        {16, 16},
        {17, 16},
        {16, 33},
        {31, 5},
        {33, 65},
        {63, 64},
        {64, 64},
        {65, 63},
        {96, 40},
        {100, 129},
        {127, 31},
        {128, 128},
        {130, 257},
        {512, 48},
        {48, 512},
        {1001, 20},
        {20, 1030}
    };

    private LinearCases() {}

    static List<Case> all() {
        List<Case> cases = new ArrayList<>();
        for (Activation activation : Activation.values()) {
            for (boolean bias : new boolean[] {false, true}) {
                for (boolean residual : new boolean[] {false, true}) {
                    cases.add(of(9, 10, activation, bias, residual, 3, 1, 0, 6));
                }
            }
        }
        for (int i = 0; i < SHAPES.length; i++) {
            int n = SHAPES[i][0];
            int k = SHAPES[i][1];
            cases.add(of(n, k, Activation.NONE, i % 2 == 0, i % 3 == 0, 5, 1, 0, 2, 4, 3, 33, 1));
        }
        cases.add(of(512, 512, Activation.RELU, true, false, 64, 1, 70));
        cases.add(of(2048, 512, Activation.RELU, true, false, 48));
        cases.add(of(512, 2048, Activation.NONE, true, true, 31, 6));
        cases.add(of(8001, 64, Activation.NONE, true, false, 7));
        cases.add(of(24, 16, Activation.GELU, true, true, 515, 257));
        cases.add(fixedRows());
        cases.add(transposedAndStacked());
        return cases;
    }

    /** Less than a tile, a tile and one more, in each direction. */
    static List<Case> small() {
        return List.of(
                of(3, 5, Activation.GELU, true, true, 2, 0, 1),
                of(17, 16, Activation.NONE, true, false, 5),
                of(64, 8, Activation.RELU, false, true, 6),
                of(33, 65, Activation.TANH, true, false, 7),
                of(70, 17, Activation.SWISH, true, true, 17));
    }

    static Case of(int n, int k, Activation activation, boolean bias, boolean residual, int... rows) {
        CaseBuilder c = new CaseBuilder(
                "linear " + n + "×" + k + " " + activation + (bias ? " bias" : "") + (residual ? " residual" : ""));
        Symbol size = Sizes.symbol("ROWS", rows);
        Value out = CaseBuilder.value("out", size, n);
        var graph = c.graph(new Linear(
                out,
                CaseBuilder.floats("x", size, k),
                Weight.matrix("w", n, k),
                bias ? Weight.vector("b", n) : null,
                activation,
                residual ? CaseBuilder.floats("residual", size, n) : null));
        for (int r : rows) {
            c.run(graph).size(size, r);
        }
        return c.build();
    }

    /** Nothing in the graph is symbolic. */
    private static Case fixedRows() {
        CaseBuilder c = new CaseBuilder("linear with fixed rows");
        var graph = c.graph(new Linear(
                CaseBuilder.value("out", Size.of(5), 6),
                CaseBuilder.floats("x", Size.of(5), 7),
                Weight.matrix("w", 6, 7),
                null,
                Activation.NONE,
                null));
        c.run(graph);
        return c.build();
    }

    /** A weight of parts: some rows of one tensor, a transposed one, another whole one. */
    private static Case transposedAndStacked() {
        CaseBuilder c = new CaseBuilder("linear with a weight of parts");
        Symbol size = CaseBuilder.symbol("ROWS", 4);
        Input x = CaseBuilder.floats("x", size, 9);
        Weight stacked = Weight.stack(
                List.of(Weight.rows("a", 3, 5, 9), Weight.transposedRows("b", 0, 4, 9), Weight.matrix("c", 2, 9)));
        Weight bias = Weight.stack(List.of(Weight.rows("bias", 1, 5, 0), Weight.vector("d", 6)));
        var graph = c.graph(new Linear(CaseBuilder.value("out", size, 11), x, stacked, bias, Activation.TANH, null));
        c.run(graph).size(size, 4);
        c.run(graph).size(size, 3);
        return c.build();
    }
}
