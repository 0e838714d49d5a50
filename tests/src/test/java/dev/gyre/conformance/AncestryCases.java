package dev.gyre.conformance;

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
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Steps of a beam search without a model: lines of ancestry advance, rows go into the slot cache, and attention reads
 * the past of every hypothesis through its line. Beams keep their own line while nobody changes places, and copy from
 * one another when they do; some steps have no hypothesis, some groups end and their slots are taken again.
 */
final class AncestryCases {

    private static final int BEAMS = 3;
    private static final int GROUPS = 3;
    private static final int SLOTS = BEAMS * GROUPS;
    private static final int POSITIONS = 12;

    /** Rows of a prompt that reach over a block of 64, and keys over two chunks. */
    private static final int LONG = 70;

    private final CaseBuilder c;
    private final int positions;
    private final Symbol rows;
    private final Symbol hypotheses = CaseBuilder.symbol("HYPOTHESES", SLOTS);
    private final Symbol keys;
    private final Input from = CaseBuilder.ints("from", hypotheses);
    private final Input to = CaseBuilder.ints("to", hypotheses);
    private final Input inherited = CaseBuilder.ints("inherited", hypotheses);
    private final Input hypothesisLength = CaseBuilder.ints("hypothesis_length", hypotheses);
    private final Input slot = CaseBuilder.ints("slot", hypotheses);
    private final Input destination;
    private final Input line;
    private final Input length;
    private final boolean maps;
    private final Graph graph;

    /** Per slot: the side of its two lines that holds its past now. */
    private final int[] side = new int[SLOTS];

    private AncestryCases(Heads heads, boolean bias, int keysWritten) {
        this(heads, bias, keysWritten, POSITIONS);
    }

    private AncestryCases(Heads heads, boolean bias, int keysWritten, int positions) {
        this.positions = positions;
        rows = CaseBuilder.symbol("ROWS", SLOTS * Math.max(4, positions - POSITIONS));
        destination = CaseBuilder.ints("destination", rows);
        line = CaseBuilder.ints("line", rows);
        length = CaseBuilder.ints("length", rows);
        c = new CaseBuilder("attention ancestry " + heads + (bias ? " bias" : "")
                + (keysWritten > 0 ? " writes " + keysWritten : ""));
        maps = keysWritten > 0;
        keys = CaseBuilder.symbol("KEYS", Math.max(1, keysWritten));
        int k = heads.keyColumns();
        State ancestry = new State("ancestry", ElementType.INT32, Shape.of(2 * SLOTS, positions));
        State cache = new State("cache", ElementType.FLOAT32, Shape.of(SLOTS * positions, 2 * k));
        Input qkv = CaseBuilder.floats("qkv", rows, heads.queryColumns() + 2 * k);
        graph = c.graph(
                "step",
                new Operation.AdvanceAncestry(ancestry, from, to, inherited, hypothesisLength, slot),
                new Operation.AppendCache(cache, new Columns(qkv, heads.queryColumns(), 2 * k), destination),
                new Operation.Attention(
                        CaseBuilder.value("out", rows, heads.queryColumns()),
                        maps
                                ? new Value(
                                        "weights", ElementType.FLOAT32, Shape.of(rows, Size.of(heads.heads()), keys))
                                : null,
                        new Columns(qkv, 0, heads.queryColumns()),
                        new Columns(cache, 0, k),
                        new Columns(cache, k, k),
                        heads.heads(),
                        heads.keyHeads(),
                        heads.size(),
                        3 * heads.scale(),
                        new Keys.Ancestry(ancestry, line, length),
                        bias ? new PositionBias(Weight.matrix("distances", 9, heads.heads()), 8) : null));
    }

    static List<Case> all() {
        List<Case> cases = new ArrayList<>();
        for (int size : new int[] {1, 3, 5, 8, 12, 16, 20, 32, 64, 65, 128}) {
            cases.add(of(new Heads(2, size), size % 2 == 0, size % 3 == 0 ? POSITIONS : 0));
        }
        cases.add(of(new Heads(8, 64), false, 0));
        cases.add(of(new Heads(6, 2, 10), true, 4));
        cases.add(of(new Heads(4, 1, 16), false, 0));
        cases.add(prompt(new Heads(2, 12), true, LONG - 1));
        cases.add(prompt(new Heads(1, 96), false, 0));
        return cases;
    }

    private static Case of(Heads heads, boolean bias, int keysWritten) {
        AncestryCases a = new AncestryCases(heads, bias, keysWritten);
        a.prefix(4);
        for (int step = 4; step < 10; step++) {
            a.step(step, SLOTS, step);
        }
        a.nothing();
        // the first group ends; its slots begin again with another length than the others have
        a.restart(0, 2);
        a.step(10, SLOTS, 3);
        a.noKeys();
        return a.c.build();
    }

    private static Case prompt(Heads heads, boolean bias, int keysWritten) {
        AncestryCases a = new AncestryCases(heads, bias, keysWritten, LONG + POSITIONS);
        a.prefix(LONG);
        a.step(LONG, SLOTS, 1);
        return a.c.build();
    }

    /** With heads that all lanes of attention share. */
    static Case wide() {
        AncestryCases a = new AncestryCases(new Heads(2, 16), false, 0);
        a.prefix(4);
        a.step(4, SLOTS, 1);
        a.step(5, SLOTS, 2);
        return a.c.build();
    }

    static List<Case> small() {
        AncestryCases a = new AncestryCases(new Heads(2, 5), true, 3);
        a.prefix(2);
        a.step(2, SLOTS, 1);
        a.step(3, 4, 2);
        return List.of(a.c.build());
    }

    private int lineOf(int hypothesis) {
        return 2 * hypothesis + side[hypothesis];
    }

    /** Every group reads a prefix in one run: one line for all rows of a hypothesis, each sees what is before it. */
    private void prefix(int count) {
        int[] none = new int[SLOTS];
        int[] slots = new int[SLOTS];
        int[] lines = new int[SLOTS];
        int[] lengths = new int[SLOTS];
        int[][] perRow = new int[3][SLOTS * count];
        for (int h = 0; h < SLOTS; h++) {
            slots[h] = h;
            lines[h] = lineOf(h);
            lengths[h] = count;
            for (int p = 0; p < count; p++) {
                perRow[0][h * count + p] = h * positions + p;
                perRow[1][h * count + p] = lines[h];
                perRow[2][h * count + p] = p + 1;
            }
        }
        run(lines, lines, none, lengths, slots, perRow);
    }

    /** One token per hypothesis at a position; in each group the parents are drawn, or everybody is its own parent. */
    private void step(int position, int active, long seed) {
        int[][] per = new int[5][active];
        int[][] perRow = new int[3][active];
        for (int h = 0; h < active; h++) {
            int group = h / BEAMS;
            boolean keep = Noise.at(seed, group, 17) < -0.2;
            int parent = keep ? h : group * BEAMS + (int) ((Noise.at(seed, h, 5) + 1) / 2 * BEAMS);
            parent = Math.min(parent, active - 1);
            per[0][h] = lineOf(parent);
            per[1][h] = keep ? lineOf(h) : 2 * h + (1 - side[h]);
            per[2][h] = position;
            per[3][h] = position + 1;
            per[4][h] = h;
            perRow[0][h] = h * positions + position;
            perRow[1][h] = per[1][h];
            perRow[2][h] = position + 1;
        }
        run(per[0], per[1], per[2], per[3], per[4], perRow);
        for (int h = 0; h < active; h++) {
            side[h] = per[1][h] - 2 * h;
        }
    }

    /** One group alone starts from nothing, with rows for several positions in no particular order. */
    private void restart(int group, int count) {
        int[] lines = new int[BEAMS];
        int[] slots = new int[BEAMS];
        int[] lengths = new int[BEAMS];
        int[][] perRow = new int[3][BEAMS * count];
        for (int b = 0; b < BEAMS; b++) {
            int h = group * BEAMS + b;
            lines[b] = lineOf(h);
            slots[b] = h;
            lengths[b] = count;
            for (int p = 0; p < count; p++) {
                int row = (count - 1 - p) * BEAMS + b;
                perRow[0][row] = h * positions + p;
                perRow[1][row] = lines[b];
                perRow[2][row] = p + 1;
            }
        }
        run(lines, lines, new int[BEAMS], lengths, slots, perRow);
    }

    private void nothing() {
        run(new int[0], new int[0], new int[0], new int[0], new int[0], new int[3][0]);
    }

    /** Rows that see nothing: their result is zero. */
    private void noKeys() {
        int[][] perRow = {{3, 1, 2}, {0, 1, 2}, {0, 5, 0}};
        run(new int[0], new int[0], new int[0], new int[0], new int[0], perRow);
    }

    private void run(int[] froms, int[] tos, int[] inherit, int[] lengths, int[] slots, int[][] perRow) {
        Run run = c.run(graph)
                .size(hypotheses, froms.length)
                .size(rows, perRow[0].length)
                .input(from, froms)
                .input(to, tos)
                .input(inherited, inherit)
                .input(hypothesisLength, lengths)
                .input(slot, slots)
                .input(destination, perRow[0])
                .input(line, perRow[1])
                .input(length, perRow[2]);
        if (maps) {
            run.size(keys, keys.limit());
        }
        if (Arrays.stream(perRow[2]).anyMatch(l -> l > positions)) {
            throw new IllegalStateException("the case looks beyond its positions");
        }
    }
}
