package dev.gyre.conformance;

import dev.gyre.graph.Activation;
import dev.gyre.graph.Edit;
import dev.gyre.graph.ElementType;
import dev.gyre.graph.Graph;
import dev.gyre.graph.Operation;
import dev.gyre.graph.Shape;
import dev.gyre.graph.Size;
import dev.gyre.graph.Size.Symbol;
import dev.gyre.graph.Tensor.Input;
import dev.gyre.graph.Tensor.Value;
import dev.gyre.graph.Tensor.Weight;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/** An output layer of which runs want everything or the best token only, without log-sums; some rows have edits. */
final class BestCases {

    private static final int MOST_EDITS = 3;

    private final CaseBuilder c;
    private final int vocabulary;
    private final int inner;
    private final Symbol rows = CaseBuilder.symbol("PICKS", 14);
    private final Symbol scored = CaseBuilder.symbol("SCORED", 14);
    private final Symbol top = CaseBuilder.symbol("TOP", 2);
    private final Symbol edits = CaseBuilder.symbol("EDITS", 14 * MOST_EDITS);
    private final Input x;
    private final Input normalise = CaseBuilder.ints("normalise", rows);
    private final Input editOffsets = CaseBuilder.ints("edit_offsets", new Size.Plus(rows, 1));
    private final Input editTokens = CaseBuilder.ints("edit_tokens", edits);
    private final Input editKinds = CaseBuilder.ints("edit_kinds", edits);
    private final Input editAmounts = CaseBuilder.floats("edit_amounts", edits);
    private final Graph graph;

    private BestCases(int vocabulary, int inner, boolean bias) {
        c = new CaseBuilder("best of " + vocabulary + " by " + inner + (bias ? " with bias" : ""));
        this.vocabulary = vocabulary;
        this.inner = inner;
        x = CaseBuilder.floats("x", rows, inner);
        Value logits = CaseBuilder.value("logits", rows, vocabulary);
        Value ids = new Value("ids", ElementType.INT32, Shape.of(rows, top));
        Value values = new Value("values", ElementType.FLOAT32, Shape.of(rows, top));
        List<Operation> operations = List.of(
                new Operation.Linear(
                        logits,
                        x,
                        Weight.matrix("w", vocabulary, inner),
                        bias ? Weight.vector("b", vocabulary) : null,
                        Activation.NONE,
                        null),
                new Operation.SelectTop(
                        ids,
                        values,
                        new Value("log_sum", ElementType.FLOAT32, Shape.of(scored)),
                        logits,
                        normalise,
                        editOffsets,
                        editTokens,
                        editKinds,
                        editAmounts));
        // What logits and log-sums hold in a run without scores is not defined.
        graph = c.graph(new Graph("output", operations, List.of(ids, values)));
    }

    /** Of four rows, three have edits of as many kinds. */
    private BestCases run(int n, boolean scores) {
        int[] counts = IntStream.range(0, n).map(r -> r % 4).toArray();
        int total = IntStream.of(counts).sum();
        c.run(graph)
                .size(rows, n)
                .size(scored, scores ? n : 0)
                .size(top, 1)
                .size(edits, total)
                .input(x, Noise.floats(n + 17L * vocabulary, n * inner, 2))
                .input(normalise, new int[n])
                .input(editOffsets, Sizes.offsets(counts))
                .input(editTokens, tokens(counts))
                .input(
                        editKinds,
                        IntStream.range(0, total)
                                .map(i -> i % Edit.values().length)
                                .toArray())
                .input(editAmounts, Noise.floats(n, total, 2));
        return this;
    }

    /** No token twice in a row, where there are enough. */
    private int[] tokens(int[] counts) {
        List<Integer> tokens = new ArrayList<>();
        for (int r = 0; r < counts.length; r++) {
            for (int i = 0; i < counts[r]; i++) {
                tokens.add((r * 37 + i * (1 + vocabulary / MOST_EDITS)) % vocabulary);
            }
        }
        return tokens.stream().mapToInt(Integer::intValue).toArray();
    }

    private Case runs() {
        return run(3, false)
                .run(1, false)
                .run(2, true)
                .run(0, false)
                .run(8, false)
                .c
                .build();
    }

    static List<Case> small() {
        return List.of(new BestCases(75, 20, true)
                .run(3, false)
                .run(1, true)
                .run(7, false)
                .c
                .build());
    }

    static List<Case> all() {
        List<Case> cases = new ArrayList<>();
        for (int vocabulary : new int[] {5, 16, 47, 130, 1001}) {
            cases.add(new BestCases(vocabulary, 24, vocabulary % 2 == 0).runs());
        }
        cases.add(new BestCases(3000, 64, true).run(14, false).run(13, true).c.build());
        cases.add(new BestCases(200, 33, false).runs());
        return cases;
    }
}
