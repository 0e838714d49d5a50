package dev.gyre.conformance;

import dev.gyre.graph.Columns;
import dev.gyre.graph.ElementType;
import dev.gyre.graph.Graph;
import dev.gyre.graph.Operation;
import dev.gyre.graph.Shape;
import dev.gyre.graph.Size.Symbol;
import dev.gyre.graph.Tensor.Input;
import dev.gyre.graph.Tensor.State;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/** Rows scattered into a state, and the whole state read afterwards: what was not written is as it was. */
final class CacheCases {

    private static final int CAPACITY = 23;

    private CacheCases() {}

    static List<Case> all() {
        List<Case> cases = new ArrayList<>();
        for (int d : new int[] {1, 2, 3, 5, 16, 17, 64, 100, 256, 1024}) {
            cases.add(of(d, 0, 0));
        }
        cases.add(of(6, 5, 3));
        cases.add(of(16, 16, 16));
        return cases;
    }

    static List<Case> small() {
        return List.of(of(3, 1, 2), of(17, 0, 0));
    }

    private static Case of(int d, int before, int after) {
        CaseBuilder c = new CaseBuilder("append " + d + " at " + before + "+" + after);
        Symbol n = CaseBuilder.symbol("ROWS", CAPACITY);
        Symbol picks = CaseBuilder.symbol("PICKS", CAPACITY);
        State cache = new State("cache", ElementType.FLOAT32, Shape.of(CAPACITY, d));
        Input destination = CaseBuilder.ints("destination", n);
        Input all = CaseBuilder.ints("all", picks);
        Graph append = c.graph(
                "append",
                new Operation.AppendCache(
                        cache,
                        new Columns(CaseBuilder.floats("source", n, before + d + after), before, d),
                        destination),
                new Operation.Gather(CaseBuilder.value("seen", picks, d), cache, all));
        int[] everything = IntStream.range(0, CAPACITY).toArray();
        for (int rows : new int[] {0, 1, 5, 0, CAPACITY, 2}) {
            c.run(append)
                    .size(n, rows)
                    .size(picks, CAPACITY)
                    .input(destination, Sizes.distinct(rows, rows, CAPACITY))
                    .input(all, everything);
        }
        return c.build();
    }
}
