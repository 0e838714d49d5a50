package dev.gyre.conformance;

import dev.gyre.graph.Edit;
import dev.gyre.graph.ElementType;
import dev.gyre.graph.Graph;
import dev.gyre.graph.Operation;
import dev.gyre.graph.Shape;
import dev.gyre.graph.Size;
import dev.gyre.graph.Size.Symbol;
import dev.gyre.graph.Tensor.Input;
import dev.gyre.graph.Tensor.Value;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** The best tokens: sizes of vocabularies, ties, edits of every kind, more wanted than there are. */
final class SelectCases {

    /** One change to one token. */
    private record Change(int token, Edit kind, float amount) {}

    private final CaseBuilder c;
    private final int vocabulary;
    private final Symbol rows = CaseBuilder.symbol("PICKS", 12);
    private final Symbol top;
    private final Symbol edits = CaseBuilder.symbol("EDITS", 4000);
    private final Input source;
    private final Input order = CaseBuilder.ints("order", rows);
    private final Input normalise = CaseBuilder.ints("normalise", rows);
    private final Input editOffsets = CaseBuilder.ints("edit_offsets", new Size.Plus(rows, 1));
    private final Input editTokens = CaseBuilder.ints("edit_tokens", edits);
    private final Input editKinds = CaseBuilder.ints("edit_kinds", edits);
    private final Input editAmounts = CaseBuilder.floats("edit_amounts", edits);
    private final Graph graph;

    private SelectCases(String name, int vocabulary, int limit) {
        this(name, vocabulary, limit, true);
    }

    /** @param all whether log-sums and logits are looked at too */
    private SelectCases(String name, int vocabulary, int limit, boolean all) {
        c = new CaseBuilder("select " + name);
        this.vocabulary = vocabulary;
        top = CaseBuilder.symbol("TOP", limit);
        source = CaseBuilder.floats("source", rows, vocabulary);
        Value logits = CaseBuilder.value("logits", rows, vocabulary);
        Value ids = new Value("ids", ElementType.INT32, Shape.of(rows, top));
        Value values = new Value("values", ElementType.FLOAT32, Shape.of(rows, top));
        Value logSum = new Value("log_sum", ElementType.FLOAT32, Shape.of(rows));
        List<Operation> operations = List.of(
                // The logits are a value, as they are behind a product: this one copies them to the bit.
                new Operation.Gather(logits, source, order),
                new Operation.SelectTop(
                        ids, values, logSum, logits, normalise, editOffsets, editTokens, editKinds, editAmounts));
        graph = c.graph(
                new Graph("select", operations, all ? List.of(logits, ids, values, logSum) : List.of(ids, values)));
    }

    /** A run over as many rows as there are lists of changes; every other row is normalised unless all say how. */
    private SelectCases run(int k, float[] logits, List<List<Change>> changes, int... normalised) {
        int n = changes.size();
        List<Change> flat = changes.stream().flatMap(List::stream).toList();
        float[] amounts = new float[flat.size()];
        for (int i = 0; i < amounts.length; i++) {
            amounts[i] = flat.get(i).amount();
        }
        int[] norm = new int[n];
        for (int r = 0; r < n; r++) {
            norm[r] = normalised.length > 0 ? normalised[r % normalised.length] : r % 2;
        }
        int[] identity = new int[n];
        Arrays.setAll(identity, i -> i);
        c.run(graph)
                .size(rows, n)
                .size(top, k)
                .size(edits, flat.size())
                .input(source, logits)
                .input(order, identity)
                .input(normalise, norm)
                .input(
                        editOffsets,
                        Sizes.offsets(changes.stream().mapToInt(List::size).toArray()))
                .input(editTokens, flat.stream().mapToInt(Change::token).toArray())
                .input(
                        editKinds,
                        flat.stream().mapToInt(e -> e.kind().ordinal()).toArray())
                .input(editAmounts, amounts);
        return this;
    }

    private SelectCases run(int k, int n, int... normalised) {
        return run(k, Noise.floats(k * 31L + n, n * vocabulary, 9), untouched(n), normalised);
    }

    private static List<List<Change>> untouched(int n) {
        return java.util.Collections.nCopies(n, List.of());
    }

    static List<Case> small() {
        return List.of(
                new SelectCases("from few", 37, 5)
                        .run(5, 3)
                        .run(1, 2)
                        .run(2, 0)
                        .c
                        .build(),
                new SelectCases("from some", 300, 4).run(4, 2).run(1, 1).c.build(),
                moreThanThereAre(),
                everythingBanned(),
                editsInOrder());
    }

    static List<Case> all() {
        List<Case> cases = new ArrayList<>();
        for (int v : new int[] {1, 2, 3, 5, 16, 17, 63, 100, 257, 1000, 4099}) {
            cases.add(new SelectCases("from " + v, v, 16)
                    .run(1, 3)
                    .run(5, 1)
                    .run(4, 0)
                    .run(16, 7)
                    .run(2, 12)
                    .run(1, 1)
                    .c
                    .build());
        }
        cases.add(new SelectCases("from 32000", 32000, 8)
                .run(8, 5)
                .run(1, 12)
                .run(2, 1)
                .c
                .build());
        cases.add(new SelectCases("from 58101", 58101, 10)
                .run(10, 3, 1)
                .run(1, 2, 0)
                .c
                .build());
        cases.add(
                new SelectCases("64 of 3001", 3001, 64).run(64, 3).run(50, 2).c.build());
        cases.add(ties());
        cases.add(zeros());
        cases.add(infinities());
        cases.add(nearlyAllTheBest(5000, 64));
        cases.add(nearlyAllTheBest(33000, 10));
        cases.add(neighboursBanned());
        cases.add(equal());
        cases.add(moreThanThereAre());
        cases.add(bans());
        cases.add(everythingBanned());
        cases.add(penalties());
        cases.add(editsInOrder());
        cases.add(manyEdits());
        cases.add(extremes());
        cases.add(withoutNumbers());
        return cases;
    }

    /** Small whole numbers: most of the chosen values are equal, and the smaller id comes first. */
    private static Case ties() {
        int v = 300;
        float[] logits = Noise.floats(5, 6 * v, 3);
        for (int i = 0; i < logits.length; i++) {
            logits[i] = Math.round(logits[i]);
        }
        return new SelectCases("ties", v, 12)
                .run(12, logits, untouched(6))
                .run(1, logits, untouched(6))
                .c
                .build();
    }

    private static Case equal() {
        int v = 1029;
        float[] logits = new float[2 * v];
        Arrays.fill(logits, 0, v, -3.5f);
        return new SelectCases("of equals", v, 9)
                .run(9, logits, untouched(2), 1)
                .run(1, logits, untouched(2))
                .c
                .build();
    }

    /** Both zeros are equal. */
    private static Case zeros() {
        int v = 600;
        float[] logits = new float[2 * v];
        for (int i = 0; i < logits.length; i++) {
            logits[i] = i % 3 == 0 ? 0 : i % 3 == 1 ? -0f : -1;
        }
        return new SelectCases("zeros", v, 9)
                .run(9, logits, untouched(2), 0)
                .run(1, logits, untouched(2), 0)
                .c
                .build();
    }

    /** A row of nothing but negative infinities, one with a few positive ones, one with few that are finite. */
    private static Case infinities() {
        int v = 700;
        float[] logits = new float[3 * v];
        Arrays.fill(logits, Float.NEGATIVE_INFINITY);
        for (int t : new int[] {699, 3, 259, 256, 512}) {
            logits[v + t] = Float.POSITIVE_INFINITY;
            logits[2 * v + t] = t;
        }
        return new SelectCases("infinities", v, 12)
                .run(12, logits, untouched(3), 0)
                .run(3, logits, untouched(3), 1)
                .run(1, logits, untouched(3), 0)
                .c
                .build();
    }

    /**
     * Of all tokens with one remainder by 256, the lanes of a GPU, {@code k - 1} remainders have the best, and the k-th best remainder
     * is far behind: more reach it than fit into the list of candidates. Some are equal.
     */
    private static Case nearlyAllTheBest(int v, int k) {
        float[] logits = Noise.floats(12, 3 * v, 5);
        for (int r = 0; r < 2; r++) {
            for (int t = 0; t < v; t++) {
                int lane = (t * (r == 0 ? 1 : 255) + 7 * r) % 256;
                if (lane < k - 1) {
                    logits[r * v + t] = 100 + Math.round(1000 * (float) Noise.at(13, r, t)) / 1000f;
                } else if (lane == k - 1) {
                    logits[r * v + t] += 20;
                }
            }
        }
        List<List<Change>> changes = List.of(List.of(), List.of(ban(7), ban(8), ban(264)), List.of());
        return new SelectCases("nearly all the best in few lanes, of " + v, v, k)
                .run(k, logits, changes)
                .run(1, logits, changes)
                .c
                .build();
    }

    /** The best three are looked after by one lane of a GPU; edits take the first away, and move the others up and down. */
    private static Case neighboursBanned() {
        int v = 900;
        float[] logits = Noise.floats(14, 5 * v, 5);
        for (int r = 0; r < 5; r++) {
            logits[r * v + 7] = 50;
            logits[r * v + 263] = 40;
            logits[r * v + 519] = 30;
        }
        Change up = new Change(775, Edit.ADD, 100);
        List<List<Change>> changes = List.of(
                List.of(ban(7)),
                List.of(up, ban(775)),
                List.of(new Change(519, Edit.ADD, 15), new Change(7, Edit.PENALTY, 5)),
                List.of(ban(7), up),
                List.of(new Change(263, Edit.ADD, 10)));
        return new SelectCases("with the best of a lane banned", v, 6)
                .run(6, logits, changes, 0)
                .run(2, logits, changes, 1)
                .run(1, logits, changes, 0)
                .c
                .build();
    }

    private static Case moreThanThereAre() {
        return new SelectCases("more than there are", 5, 9)
                .run(9, 4)
                .run(6, Noise.floats(2, 10, 2), List.of(List.of(ban(0), ban(4)), List.of(ban(2))))
                .c
                .build();
    }

    private static Case bans() {
        int v = 131;
        float[] logits = Noise.floats(8, 3 * v, 5);
        logits[7] = 50;
        logits[2 * v + 130] = 40;
        logits[2 * v] = 41;
        List<List<Change>> changes = List.of(List.of(ban(7)), List.of(), List.of(ban(0), ban(130)));
        return new SelectCases("with bans", v, 4)
                .run(4, logits, changes)
                .run(1, logits, changes)
                .c
                .build();
    }

    /** A banned token comes only where nothing else is left; then the smaller id comes first. */
    private static Case everythingBanned() {
        int v = 37;
        List<Change> all = new ArrayList<>();
        List<Change> allButTwo = new ArrayList<>();
        for (int t = 0; t < v; t++) {
            all.add(ban(t));
            if (t != 5 && t != 36) {
                allButTwo.add(ban(t));
            }
        }
        float[] logits = Noise.floats(9, 3 * v, 5);
        return new SelectCases("everything banned", v, 5)
                .run(5, logits, List.of(all, allButTwo, List.of()))
                .run(1, logits, List.of(all, allButTwo, List.of()), 1)
                .c
                .build();
    }

    /** The penalty looks at the sign of the value: after normalising nearly all are negative. */
    private static Case penalties() {
        int v = 90;
        List<Change> some = new ArrayList<>();
        for (int t = 0; t < v; t += 2) {
            some.add(new Change(t, Edit.PENALTY, 1.3f));
        }
        List<Change> reward = List.of(new Change(3, Edit.PENALTY, 0.5f), new Change(4, Edit.PENALTY, 3));
        float[] logits = Noise.floats(10, 4 * v, 5);
        return new SelectCases("with penalties", v, 6)
                .run(6, logits, List.of(some, some, reward, reward), 0, 1, 0, 1)
                .c
                .build();
    }

    /** A penalty, then an addition, then a ban of the same token, in two orders. */
    private static Case editsInOrder() {
        Change penalty = new Change(2, Edit.PENALTY, 2);
        Change addition = new Change(2, Edit.ADD, 1.5f);
        float[] logits = {0.5f, 1, 3, -2, 0, 0.25f, 0.5f, 1, 3, -2, 0, 0.25f, 0.5f, 1, 3, -2, 0, 0.25f};
        return new SelectCases("edits in order", 6, 3)
                .run(
                        3,
                        logits,
                        List.of(List.of(penalty, addition), List.of(addition, penalty), List.of(addition, ban(2))),
                        0)
                .run(
                        3,
                        logits,
                        List.of(List.of(penalty, addition), List.of(addition, penalty), List.of(ban(2), addition)),
                        1)
                .c
                .build();
    }

    private static Case manyEdits() {
        int v = 900;
        List<List<Change>> changes = new ArrayList<>();
        for (int r = 0; r < 5; r++) {
            List<Change> row = new ArrayList<>();
            int step = r + 1;
            for (int t = r; t < v; t += step) {
                row.add(r == 3 ? ban(t) : new Change(t, Edit.ADD, (float) Noise.at(3, r, t)));
            }
            changes.add(row);
        }
        return new SelectCases("many edits", v, 5)
                .run(5, Noise.floats(11, 5 * v, 5), changes)
                .c
                .build();
    }

    /** Far apart, so that exp underflows and would overflow without the maximum taken off. */
    private static Case extremes() {
        float[] logits = {500, -500, 499, 0, -500, -501, -502, -503, 3e4f, -3e4f, 3e4f, 0};
        return new SelectCases("extremes", 4, 4)
                .run(4, logits, untouched(3), 1)
                .run(2, logits, untouched(3), 0)
                .c
                .build();
    }

    /** What is not a number comes behind all numbers, wherever it stands. The log-sum is none either. */
    private static Case withoutNumbers() {
        int v = 640;
        SelectCases cases = new SelectCases("with what is not a number", v, 3, false);
        for (int first : new int[] {0, 5, 16, 37, 63}) {
            float[] logits = Noise.floats(first, 2 * v, 5);
            for (int i = first; i < logits.length; i += 17) {
                logits[i] = Float.NaN;
            }
            cases.run(3, logits, untouched(2), 0);
        }
        return cases.c.build();
    }

    private static Change ban(int token) {
        return new Change(token, Edit.BAN, 0);
    }
}
