package dev.gyre.conformance;

import dev.gyre.graph.Activation;
import dev.gyre.graph.Columns;
import dev.gyre.graph.NormKind;
import dev.gyre.graph.Operation;
import dev.gyre.graph.Size.Symbol;
import dev.gyre.graph.Tensor.Input;
import dev.gyre.graph.Tensor.Value;
import dev.gyre.graph.Tensor.Weight;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Operations on one row at a time, other than products: embed, norm, rope, gate, activate, add, gather. */
final class RowCases {

    private static final int[] WIDTHS = {1, 2, 3, 5, 8, 15, 16, 17, 31, 64, 65, 100, 128, 512, 1000, 1025};
    private static final int[] ROWS = {3, 1, 0, 7, 2, 33};

    private RowCases() {}

    /** One of each, and norms of rows that do not fill a work-group and that fill more than one. */
    static List<Case> small() {
        return List.of(
                embed(5, 2, true, true),
                norm(5, NormKind.LAYER, true, true, true, 1),
                norm(300, NormKind.LAYER, true, false, false, 1),
                norm(65, NormKind.RMS, false, true, false, 1),
                rope(3, 2, 1, 0),
                gate(Activation.SWISH, 11, 3),
                activate(Activation.GELU_TANH, 17, "", Noise.floats(1, 51, 3), 3, 1),
                add().get(3),
                gather(5, null));
    }

    static List<Case> embed() {
        List<Case> cases = new ArrayList<>();
        for (int d : WIDTHS) {
            cases.add(embed(d, 1, d % 2 == 0, d % 3 == 0));
        }
        cases.add(embed(24, 22.627417f, true, true));
        cases.add(embed(24, 22.627417f, false, false));
        cases.add(embed(24, 0.5f, true, false));
        cases.add(embed(24, 0, false, true));
        return cases;
    }

    private static Case embed(int d, float scale, boolean positions, boolean types) {
        CaseBuilder c = new CaseBuilder(
                "embed " + d + " scale " + scale + (positions ? " positions" : "") + (types ? " types" : ""));
        Symbol n = Sizes.symbol("ROWS", ROWS);
        Input ids = CaseBuilder.ints("ids", n);
        Input positionIds = CaseBuilder.ints("position_ids", n);
        Input typeIds = CaseBuilder.ints("type_ids", n);
        var graph = c.graph(new Operation.Embed(
                CaseBuilder.value("out", n, d),
                Weight.matrix("table", 19, d),
                ids,
                scale,
                positions ? Weight.rows("positions", 2, 40, d) : null,
                positions ? positionIds : null,
                types ? Weight.matrix("types", 2, d) : null,
                types ? typeIds : null));
        for (int rows : ROWS) {
            Run run = c.run(graph).size(n, rows).input(ids, Sizes.indices(rows, rows, 19));
            if (positions) {
                run.input(positionIds, Sizes.indices(rows + 1, rows, 40));
            }
            if (types) {
                run.input(typeIds, Sizes.indices(rows + 2, rows, 2));
            }
        }
        return c.build();
    }

    static List<Case> norm() {
        List<Case> cases = new ArrayList<>();
        for (int d : WIDTHS) {
            for (NormKind kind : NormKind.values()) {
                cases.add(norm(d, kind, kind == NormKind.LAYER, d % 2 == 0, d % 4 == 0, 1));
            }
        }
        for (NormKind kind : NormKind.values()) {
            for (int mask = 0; mask < 8; mask++) {
                cases.add(norm(20, kind, (mask & 1) != 0, (mask & 2) != 0, (mask & 4) != 0, 2));
            }
        }
        cases.add(farFromZero());
        return cases;
    }

    private static Case norm(int d, NormKind kind, boolean beta, boolean residual, boolean sum, float magnitude) {
        CaseBuilder c = new CaseBuilder("norm " + kind + " " + d + (beta ? " beta" : "") + (residual ? " residual" : "")
                + (sum ? " sum" : "") + (magnitude == 1 ? "" : " large"));
        Symbol n = Sizes.symbol("ROWS", ROWS);
        Input x = CaseBuilder.floats("x", n, d);
        var graph = c.graph(new Operation.Norm(
                CaseBuilder.value("out", n, d),
                sum ? CaseBuilder.value("sum", n, d) : null,
                x,
                residual ? CaseBuilder.floats("residual", n, d) : null,
                kind,
                Weight.vector("gamma", d),
                beta ? Weight.vector("beta", d) : null,
                1e-5f));
        for (int rows : ROWS) {
            c.run(graph).size(n, rows).input(x, Noise.floats(rows, rows * d, magnitude));
        }
        return c.build();
    }

    /** A mean of 30 with a deviation near 0.6: the mean of squares less the square of the mean would lose three digits. */
    private static Case farFromZero() {
        CaseBuilder c = new CaseBuilder("norm LAYER 300 far from zero");
        Symbol n = CaseBuilder.symbol("ROWS", 2);
        Input x = CaseBuilder.floats("x", n, 300);
        var graph = c.graph(new Operation.Norm(
                CaseBuilder.value("out", n, 300),
                null,
                x,
                null,
                NormKind.LAYER,
                Weight.vector("gamma", 300),
                null,
                1e-12f));
        float[] values = Noise.floats(7, 600, 1);
        for (int i = 0; i < values.length; i++) {
            values[i] += 30;
        }
        c.run(graph).size(n, 2).input(x, values);
        return c.build();
    }

    static List<Case> rope() {
        return List.of(
                rope(1, 2, 0, 0),
                rope(3, 2, 1, 0),
                rope(2, 6, 0, 5),
                rope(8, 64, 0, 0),
                rope(4, 16, 64, 64),
                rope(1, 128, 3, 7),
                rope(5, 10, 0, 1));
    }

    /** Heads in the middle of wider rows. */
    private static Case rope(int heads, int headSize, int before, int after) {
        CaseBuilder c = new CaseBuilder("rope " + heads + "×" + headSize + " at " + before + "+" + after);
        int positions = 50;
        float[] table = new float[positions * headSize];
        for (int p = 0; p < positions; p++) {
            for (int i = 0; i < headSize / 2; i++) {
                double angle = p * Math.pow(10000, -2.0 * i / headSize);
                table[p * headSize + i] = (float) Math.cos(angle);
                table[p * headSize + headSize / 2 + i] = (float) Math.sin(angle);
            }
        }
        c.weights().give("angles", table);
        Symbol n = Sizes.symbol("ROWS", ROWS);
        Input positionIds = CaseBuilder.ints("position_ids", n);
        var graph = c.graph(new Operation.Rope(
                CaseBuilder.value("out", n, heads * headSize),
                new Columns(CaseBuilder.floats("x", n, before + heads * headSize + after), before, heads * headSize),
                heads,
                headSize,
                Weight.matrix("angles", positions, headSize),
                positionIds));
        for (int rows : ROWS) {
            c.run(graph).size(n, rows).input(positionIds, Sizes.indices(rows, rows, positions));
        }
        return c.build();
    }

    static List<Case> gate() {
        List<Case> cases = new ArrayList<>();
        for (Activation activation : Activation.values()) {
            cases.add(gate(activation, 11, 0));
        }
        for (int d : WIDTHS) {
            cases.add(gate(Activation.SWISH, d, d % 2 * 3));
        }
        return cases;
    }

    /** Gate and up side by side in one tensor, as fusion leaves them, with something before them. */
    private static Case gate(Activation activation, int d, int before) {
        CaseBuilder c = new CaseBuilder("gate " + activation + " " + d + " at " + before);
        Symbol n = Sizes.symbol("ROWS", ROWS);
        Input x = CaseBuilder.floats("x", n, before + 2 * d);
        var graph = c.graph(new Operation.Gate(
                CaseBuilder.value("out", n, d), new Columns(x, before, d), new Columns(x, before + d, d), activation));
        for (int rows : ROWS) {
            c.run(graph).size(n, rows).input(x, Noise.floats(rows, rows * (before + 2 * d), 4));
        }
        return c.build();
    }

    static List<Case> activate() {
        List<Case> cases = new ArrayList<>();
        for (Activation activation : Activation.values()) {
            for (int d : new int[] {1, 5, 16, 67, 1024}) {
                cases.add(activate(activation, d, "", Noise.floats(d, 33 * d, 6), ROWS));
            }
            cases.add(activate(activation, 6, " near zero", Noise.floats(3, 12, 1e-3), 2));
            // exp and cubes of these overflow or vanish in float32; the functions themselves do not
            for (float extreme : new float[] {20, 90, 200, 1e5f, 1e15f, 1e30f}) {
                cases.add(activate(activation, 2, " ±" + extreme, new float[] {extreme, 0.25f * extreme}, 1));
                cases.add(activate(activation, 1, " -" + extreme, new float[] {-extreme}, 1));
            }
        }
        return cases;
    }

    private static Case activate(Activation activation, int d, String what, float[] values, int... rows) {
        CaseBuilder c = new CaseBuilder("activate " + activation + " " + d + what);
        Symbol n = Sizes.symbol("ROWS", rows);
        Input x = CaseBuilder.floats("x", n, d);
        var graph = c.graph(new Operation.Activate(CaseBuilder.value("out", n, d), x, activation));
        for (int r : rows) {
            c.run(graph).size(n, r).input(x, java.util.Arrays.copyOf(values, r * d));
        }
        return c.build();
    }

    static List<Case> add() {
        List<Case> cases = new ArrayList<>();
        for (int d : WIDTHS) {
            CaseBuilder c = new CaseBuilder("add " + d);
            Symbol n = Sizes.symbol("ROWS", ROWS);
            Input a = CaseBuilder.floats("a", n, d);
            Input b = d % 5 == 0 ? a : CaseBuilder.floats("b", n, d);
            var graph = c.graph(new Operation.Add(CaseBuilder.value("out", n, d), a, b));
            for (int rows : ROWS) {
                c.run(graph).size(n, rows);
            }
            cases.add(c.build());
        }
        return cases;
    }

    static List<Case> gather() {
        List<Case> cases = new ArrayList<>();
        for (int d : WIDTHS) {
            cases.add(gather(d, null));
        }
        cases.add(gather(12, 9));
        return cases;
    }

    /** More and fewer rows than there are, some of them twice; the number of rows to pick from bound or fixed. */
    private static Case gather(int d, @Nullable Integer fixed) {
        CaseBuilder c = new CaseBuilder("gather " + d + (fixed == null ? "" : " of fixed rows"));
        Symbol n = CaseBuilder.symbol("ROWS", 9);
        Symbol picks = CaseBuilder.symbol("PICKS", 20);
        Input rows = CaseBuilder.ints("rows", picks);
        Input x = fixed == null
                ? CaseBuilder.floats("x", n, d)
                : CaseBuilder.floats("x", dev.gyre.graph.Size.of(fixed), d);
        Value out = CaseBuilder.value("out", picks, d);
        var graph = c.graph(new Operation.Gather(out, x, rows));
        int[][] sizes = {{9, 4}, {9, 20}, {9, 0}, {9, 1}, {9, 9}};
        for (int[] s : sizes) {
            Run run = c.run(graph).size(picks, s[1]).input(rows, Sizes.indices(d, s[1], s[0]));
            if (fixed == null) {
                run.size(n, s[0]);
            }
        }
        if (fixed == null) {
            c.run(graph).size(n, 1).size(picks, 3).input(rows, 0, 0, 0);
            c.run(graph).size(n, 0).size(picks, 0).input(rows, new int[0]);
        }
        return c.build();
    }
}
