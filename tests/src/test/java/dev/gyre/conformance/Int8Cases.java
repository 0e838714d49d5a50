package dev.gyre.conformance;

import dev.gyre.graph.Activation;
import dev.gyre.graph.Operation;
import dev.gyre.graph.Size.Symbol;
import dev.gyre.graph.Tensor.Input;
import dev.gyre.graph.Tensor.Weight;
import java.util.ArrayList;
import java.util.List;

/** What int8 weights change: products, and embeddings from a table that a product reads too. */
final class Int8Cases {

    private static final int[] WIDTHS = {1, 2, 7, 16, 33, 512};

    /** More than float16 holds. */
    static final String ALL_MAGNITUDES = "int8 rows of all magnitudes";

    private Int8Cases() {}

    static List<Case> all() {
        List<Case> cases = new ArrayList<>(LinearCases.all());
        for (int width : WIDTHS) {
            cases.add(tied(width, 37));
        }
        cases.add(largeAndSmallRows());
        return cases;
    }

    static List<Case> small() {
        List<Case> cases = new ArrayList<>(LinearCases.small());
        cases.add(tied(5, 19));
        cases.add(largeAndSmallRows());
        return cases;
    }

    /** The same table for embeddings and for the product. */
    static Case tied(int width, int vocabulary) {
        CaseBuilder c = new CaseBuilder("tied embeddings " + vocabulary + "×" + width);
        Symbol n = Sizes.symbol("ROWS", 3, 1, 18);
        Input ids = CaseBuilder.ints("ids", n);
        Weight table = Weight.matrix("table", vocabulary, width);
        var graph = c.graph(
                "tied",
                new Operation.Embed(CaseBuilder.value("rows", n, width), table, ids, 1.5f, null, null, null, null),
                new Operation.Linear(
                        CaseBuilder.value("logits", n, vocabulary),
                        CaseBuilder.floats("x", n, width),
                        table,
                        null,
                        Activation.NONE,
                        null));
        for (int rows : new int[] {3, 1, 18}) {
            int[] tokens = new int[rows];
            for (int i = 0; i < rows; i++) {
                tokens[i] = (i * 7 + vocabulary - 1) % vocabulary;
            }
            c.run(graph).size(n, rows).input(ids, tokens);
        }
        return c.build();
    }

    /** Rows whose scales are far apart, one of zeros, one so small that it counts as zeros. */
    private static Case largeAndSmallRows() {
        CaseBuilder c = new CaseBuilder(ALL_MAGNITUDES);
        Symbol n = CaseBuilder.symbol("ROWS", 5);
        Input x = CaseBuilder.floats("x", n, 3);
        var graph = c.graph(new Operation.Linear(
                CaseBuilder.value("out", n, 4), x, Weight.matrix("w", 4, 3), null, Activation.NONE, null));
        c.run(graph)
                .size(n, 5)
                .input(x, 1e6f, -2e5f, 3e4f, 0, -0f, 0, 1e-38f, 2e-39f, 0, -3e-12f, 1e-12f, 5e-13f, 7, 7, -7);
        return c.build();
    }
}
