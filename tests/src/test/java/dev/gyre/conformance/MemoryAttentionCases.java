package dev.gyre.conformance;

import dev.gyre.graph.Columns;
import dev.gyre.graph.ElementType;
import dev.gyre.graph.Graph;
import dev.gyre.graph.Keys;
import dev.gyre.graph.Operation;
import dev.gyre.graph.Shape;
import dev.gyre.graph.Size;
import dev.gyre.graph.Size.Symbol;
import dev.gyre.graph.Tensor;
import dev.gyre.graph.Tensor.Input;
import dev.gyre.graph.Tensor.State;
import dev.gyre.graph.Tensor.Value;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Attention to ranges of rows: the memory of a source, in a state that another graph has filled, or in an input. */
final class MemoryAttentionCases {

    private static final int CAPACITY = 90;

    private MemoryAttentionCases() {}

    static List<Case> all() {
        List<Case> cases = new ArrayList<>();
        for (int size : new int[] {1, 3, 5, 8, 12, 16, 20, 32, 33, 64, 96, 128}) {
            cases.add(of(new Heads(2, size), true, size % 3 == 0 ? 11 : 0));
        }
        cases.add(of(new Heads(8, 64), true, 0));
        cases.add(of(new Heads(6, 2, 10), true, 90));
        cases.add(of(new Heads(4, 1, 16), false, 0));
        cases.add(of(new Heads(3, 12), false, 5));
        cases.add(of(new Heads(1, 7), false, 1));
        return cases;
    }

    static List<Case> small() {
        return List.of(of(new Heads(2, 1, 6), true, 5), of(new Heads(1, 16), true, 0));
    }

    private static Case of(Heads heads, boolean state, int keysWritten) {
        CaseBuilder c = new CaseBuilder("attention range " + heads + (state ? " of a state" : " of an input")
                + (keysWritten > 0 ? " writes " + keysWritten : ""));
        int k = heads.keyColumns();
        Symbol n = CaseBuilder.symbol("ROWS", 150);
        Symbol tokens = CaseBuilder.symbol("TOKENS", CAPACITY);
        Symbol keys = CaseBuilder.symbol("KEYS", Math.max(1, keysWritten));
        State memory = new State("memory", ElementType.FLOAT32, Shape.of(CAPACITY, 2 * k));
        Input source = CaseBuilder.floats("source", tokens, 2 * k);
        Input destination = CaseBuilder.ints("destination", tokens);
        Tensor both = state ? memory : source;
        Input first = CaseBuilder.ints("first", n);
        Input end = CaseBuilder.ints("end", n);
        if (state) {
            Graph fill = c.graph(
                    "fill",
                    new Operation.AppendCache(memory, Columns.all(source), destination),
                    new Operation.Gather(CaseBuilder.value("seen", tokens, 2 * k), memory, destination));
            c.run(fill).size(tokens, CAPACITY - 7).input(destination, Sizes.distinct(1, CAPACITY - 7, CAPACITY - 7));
            c.run(fill).size(tokens, 9).input(destination, Sizes.distinct(2, 9, CAPACITY));
            c.run(fill).size(tokens, 0).input(destination, new int[0]);
        }
        Graph attend = c.graph(
                "attend",
                new Operation.Attention(
                        CaseBuilder.value("out", n, heads.queryColumns()),
                        keysWritten > 0
                                ? new Value("weights", ElementType.FLOAT32, Shape.of(n, Size.of(heads.heads()), keys))
                                : null,
                        Columns.all(CaseBuilder.floats("q", n, heads.queryColumns())),
                        new Columns(both, 0, k),
                        new Columns(both, k, k),
                        heads.heads(),
                        heads.keyHeads(),
                        heads.size(),
                        3 * heads.scale(),
                        new Keys.Range(first, end),
                        null));
        // beams of a source are neighbours with equal ranges; groups of 1, 4, 5; a range of one key, of none, of all
        int[][] from = {
            {0, 0, 0, 0, 20, 20, 20, 20, 20, 50}, {7}, {}, {3, 3, 0, 60, 60}, {0, 0, 0}, {89, 0, 12, 12, 11, 13},
        };
        int[][] to = {
            {20, 20, 20, 20, 37, 37, 37, 37, 37, 51}, {7}, {}, {3, 3, 8, 73, 73}, {90, 90, 90}, {90, 0, 29, 30, 30, 30}
        };
        // More rows of one source than a block of them has, which begin and end within a block.
        if (heads.size() > 64 || !state) {
            from = Arrays.copyOf(from, from.length + 1);
            to = Arrays.copyOf(to, from.length);
            from[from.length - 1] = new int[150];
            to[to.length - 1] = new int[150];
            Arrays.fill(from[from.length - 1], 0, 3, 70);
            Arrays.fill(from[from.length - 1], 139, 150, 5);
            Arrays.fill(to[to.length - 1], 81);
        }
        for (int i = 0; i < from.length; i++) {
            Run run =
                    c.run(attend).size(n, from[i].length).input(first, from[i]).input(end, to[i]);
            if (keysWritten > 0) {
                run.size(keys, Math.max(1, keysWritten - i));
            }
            if (!state) {
                run.size(tokens, CAPACITY);
            }
        }
        return c.build();
    }
}
