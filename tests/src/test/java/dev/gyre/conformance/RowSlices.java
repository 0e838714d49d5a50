package dev.gyre.conformance;

import dev.gyre.backend.WeightSource;
import dev.gyre.graph.Activation;
import dev.gyre.graph.Columns;
import dev.gyre.graph.ElementType;
import dev.gyre.graph.Graph;
import dev.gyre.graph.Keys;
import dev.gyre.graph.NormKind;
import dev.gyre.graph.Operation;
import dev.gyre.graph.Program;
import dev.gyre.graph.Shape;
import dev.gyre.graph.Size;
import dev.gyre.graph.Size.Symbol;
import dev.gyre.graph.Tensor.Input;
import dev.gyre.graph.Tensor.Value;
import dev.gyre.graph.Tensor.Weight;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/** A graph whose rows have nothing to do with one another, and runs of it with some of its rows. */
record RowSlices(String name, Graph graph) {

    private static final int ROWS = 40;
    private static final int MEMORY = 50;
    private static final Symbol N = new Symbol("ROWS", ROWS);
    private static final Symbol EDITS = new Symbol("EDITS", 1);
    private static final Input NORMALISE = CaseBuilder.ints("normalise", N);
    private static final Input OFFSETS = CaseBuilder.ints("offsets", new Size.Plus(N, 1));
    private static final Input FIRST = CaseBuilder.ints("first", N);
    private static final Input END = CaseBuilder.ints("end", N);

    static List<RowSlices> all() {
        List<RowSlices> all = new ArrayList<>();
        int[][] products = {{1, 9}, {5, 7}, {16, 64}, {64, 33}, {100, 130}, {512, 512}, {37, 1030}};
        for (int[] p : products) {
            all.add(linear(p[0], p[1], Activation.NONE, false));
        }
        all.add(linear(20, 24, Activation.GELU, true));
        all.add(linear(64, 64, Activation.RELU, true));
        for (Activation a : Activation.values()) {
            Input x = CaseBuilder.floats("x", N, 5);
            all.add(of("activate " + a, new Operation.Activate(CaseBuilder.value("out", N, 5), x, a)));
            Input both = CaseBuilder.floats("x", N, 14);
            all.add(of(
                    "gate " + a,
                    new Operation.Gate(
                            CaseBuilder.value("out", N, 7), new Columns(both, 0, 7), new Columns(both, 7, 7), a)));
        }
        for (NormKind kind : NormKind.values()) {
            for (int d : new int[] {5, 64, 513}) {
                all.add(of(
                        "norm " + kind + " " + d,
                        new Operation.Norm(
                                CaseBuilder.value("out", N, d),
                                CaseBuilder.value("sum", N, d),
                                CaseBuilder.floats("x", N, d),
                                CaseBuilder.floats("residual", N, d),
                                kind,
                                Weight.vector("gamma", d),
                                null,
                                1e-5f)));
            }
        }
        all.add(memory(new Heads(2, 5)));
        all.add(memory(new Heads(4, 2, 16)));
        all.add(memory(new Heads(8, 64)));
        all.add(memory(new Heads(2, 96)));
        all.add(select(57));
        all.add(select(3001));
        return all;
    }

    private static RowSlices of(String name, Operation... operations) {
        List<Value> outputs = List.of(operations).stream()
                .flatMap(o -> o.writes().stream())
                .map(Value.class::cast)
                .distinct()
                .toList();
        return new RowSlices(name, new Graph("rows", List.of(operations), outputs));
    }

    private static RowSlices linear(int n, int k, Activation activation, boolean more) {
        return of(
                "linear " + n + "×" + k + " " + activation,
                new Operation.Linear(
                        CaseBuilder.value("out", N, n),
                        CaseBuilder.floats("x", N, k),
                        Weight.matrix("w", n, k),
                        more ? Weight.vector("b", n) : null,
                        activation,
                        more ? CaseBuilder.floats("residual", N, n) : null));
    }

    /** Neighbours with equal ranges may be computed together; alone, each must be what it was in the group. */
    private static RowSlices memory(Heads heads) {
        Input both = CaseBuilder.floats("memory", Size.of(MEMORY), 2 * heads.keyColumns());
        return of(
                "attention range " + heads,
                new Operation.Attention(
                        CaseBuilder.value("out", N, heads.queryColumns()),
                        null,
                        Columns.all(CaseBuilder.floats("q", N, heads.queryColumns())),
                        new Columns(both, 0, heads.keyColumns()),
                        new Columns(both, heads.keyColumns(), heads.keyColumns()),
                        heads.heads(),
                        heads.keyHeads(),
                        heads.size(),
                        3 * heads.scale(),
                        new Keys.Range(FIRST, END),
                        null));
    }

    private static RowSlices select(int vocabulary) {
        Value logits = CaseBuilder.value("logits", N, vocabulary);
        Size top = Size.of(4);
        return of(
                "select from " + vocabulary,
                new Operation.Linear(
                        logits,
                        CaseBuilder.floats("x", N, 16),
                        Weight.matrix("w", vocabulary, 16),
                        null,
                        Activation.NONE,
                        null),
                new Operation.SelectTop(
                        new Value("ids", ElementType.INT32, Shape.of(N, top)),
                        new Value("values", ElementType.FLOAT32, Shape.of(N, top)),
                        new Value("log_sum", ElementType.FLOAT32, Shape.of(N)),
                        logits,
                        NORMALISE,
                        OFFSETS,
                        CaseBuilder.ints("edit_tokens", EDITS),
                        CaseBuilder.ints("edit_kinds", EDITS),
                        CaseBuilder.floats("edit_amounts", EDITS)));
    }

    Program program() {
        return new Program(name, List.of(graph));
    }

    WeightSource weights() {
        return new RandomWeights(name.hashCode());
    }

    int[] everyRow() {
        return IntStream.range(0, ROWS).toArray();
    }

    /** A run with these rows, in this order. */
    Run of(int... rows) {
        Run run = new Run(graph, name.hashCode());
        if (graph.symbols().contains(N)) {
            run.size(N, rows.length);
        }
        if (graph.symbols().contains(EDITS)) {
            run.size(EDITS, 0);
        }
        for (Input input : graph.inputs()) {
            if (input.equals(NORMALISE)) {
                run.input(input, IntStream.of(rows).map(r -> r % 2).toArray());
            } else if (input.equals(FIRST)) {
                run.input(input, IntStream.of(rows).map(r -> r / 5 * 3).toArray());
            } else if (input.equals(END)) {
                run.input(
                        input,
                        IntStream.of(rows).map(r -> r / 5 * 3 + r / 5 * 4 + 1).toArray());
            } else if (input.type() == ElementType.INT32) {
                run.input(input, new int[input.equals(OFFSETS) ? rows.length + 1 : 0]);
            } else if (input.shape().rows().equals(N)) {
                run.input(input, floats(input, rows));
            }
        }
        return run;
    }

    private float[] floats(Input input, int[] rows) {
        int columns = input.shape().columns();
        float[] values = new float[rows.length * columns];
        for (int i = 0; i < rows.length; i++) {
            for (int j = 0; j < columns; j++) {
                values[i * columns + j] = (float) (3 * Noise.at(input.name().hashCode(), rows[i], j));
            }
        }
        return values;
    }

    @Override
    public String toString() {
        return name;
    }
}
