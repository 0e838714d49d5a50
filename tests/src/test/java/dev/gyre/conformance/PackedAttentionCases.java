package dev.gyre.conformance;

import dev.gyre.graph.Columns;
import dev.gyre.graph.ElementType;
import dev.gyre.graph.Keys;
import dev.gyre.graph.Operation;
import dev.gyre.graph.PositionBias;
import dev.gyre.graph.Shape;
import dev.gyre.graph.Size;
import dev.gyre.graph.Size.Symbol;
import dev.gyre.graph.Tensor.Input;
import dev.gyre.graph.Tensor.Value;
import dev.gyre.graph.Tensor.Weight;
import java.util.ArrayList;
import java.util.List;

/** Attention of packed rows to their own sequence. */
final class PackedAttentionCases {

    private static final int[] HEAD_SIZES = {
        1, 2, 3, 4, 5, 7, 8, 12, 16, 17, 20, 31, 32, 40, 48, 64, 65, 80, 96, 100, 127, 128
    };

    /** Lengths of the sequences of each run. */
    private static final int[][] BATCHES = {{5, 1, 9, 3}, {1}, {}, {0, 4, 0, 0, 7, 0}, {17, 2}, {2}};

    private PackedAttentionCases() {}

    /** What may be left out of the operation, and where its columns lie. */
    private record Form(boolean causal, boolean fused, boolean bias, int keysWritten) {
        static final Form PLAIN = new Form(false, false, false, 0);
    }

    static List<Case> all() {
        List<Case> cases = new ArrayList<>();
        for (int size : HEAD_SIZES) {
            cases.add(of(new Heads(2, size), new Form(size % 3 == 0, size % 2 == 0, size % 5 == 0, 0), BATCHES));
        }
        for (int mask = 0; mask < 16; mask++) {
            Form form = new Form((mask & 1) != 0, (mask & 2) != 0, (mask & 4) != 0, (mask & 8) != 0 ? 17 : 0);
            cases.add(of(new Heads(3, 12), form, BATCHES));
        }
        cases.add(of(new Heads(1, 1), Form.PLAIN, BATCHES));
        cases.add(of(new Heads(8, 64), new Form(false, true, false, 0), new int[][] {{33, 64, 1, 65}, {7}}));
        cases.add(of(new Heads(8, 2, 16), new Form(true, true, false, 0), BATCHES));
        cases.add(of(new Heads(6, 1, 5), new Form(false, true, true, 20), BATCHES));
        cases.add(of(new Heads(4, 4, 8), new Form(false, false, true, 6), BATCHES));
        cases.add(of(new Heads(2, 16), new Form(true, true, true, 1), BATCHES));
        cases.add(of(
                new Heads(2, 24), new Form(false, true, false, 0), new int[][] {{300}, {129, 128, 127}, {1, 257}}));
        cases.add(of(new Heads(2, 24), new Form(true, true, true, 0), new int[][] {{300}, {129, 128, 127}, {1, 257}}));
        cases.add(of(new Heads(4, 16), new Form(false, true, false, 0), new int[][] {ones(90), ones(3)}));
        cases.add(peaked());
        return cases;
    }

    private static int[] ones(int count) {
        int[] ones = new int[count];
        java.util.Arrays.fill(ones, 1);
        return ones;
    }

    /** With heads that all lanes of attention share. */
    static Case wide() {
        return of(new Heads(2, 16), new Form(true, false, false, 0), new int[][] {{3, 0, 7, 18}, {1}});
    }

    static List<Case> small() {
        int[][] batches = {{3, 0, 7}, {1}};
        return List.of(
                of(new Heads(2, 5), new Form(true, true, true, 4), batches),
                of(new Heads(4, 2, 16), new Form(false, true, false, 0), batches),
                of(new Heads(1, 65), Form.PLAIN, batches));
    }

    private static Case of(Heads heads, Form form, int[][] batches) {
        CaseBuilder c = new CaseBuilder("attention packed " + heads + (form.causal() ? " causal" : "")
                + (form.fused() ? " fused" : "") + (form.bias() ? " bias" : "")
                + (form.keysWritten() > 0 ? " writes " + form.keysWritten() : "")
                + (batches == BATCHES ? "" : " long"));
        Symbol n = CaseBuilder.symbol("TOKENS", most(batches));
        Symbol sequences = CaseBuilder.symbol("SEQUENCES", 100);
        Symbol keys = CaseBuilder.symbol("KEYS", Math.max(1, form.keysWritten()));
        Input offsets = CaseBuilder.ints("offsets", new Size.Plus(sequences, 1));
        int q = heads.queryColumns();
        int k = heads.keyColumns();
        // fused: query, key and value side by side, with columns of somebody else before and between them
        Input qkv = CaseBuilder.floats("qkv", n, 3 + q + k + 2 + k);
        Columns query = form.fused() ? new Columns(qkv, 3, q) : Columns.all(CaseBuilder.floats("q", n, q));
        Columns key = form.fused() ? new Columns(qkv, 3 + q, k) : Columns.all(CaseBuilder.floats("k", n, k));
        Columns value = form.fused() ? new Columns(qkv, 5 + q + k, k) : Columns.all(CaseBuilder.floats("v", n, k));
        Value weights = new Value("weights", ElementType.FLOAT32, Shape.of(n, Size.of(heads.heads()), keys));
        var graph = c.graph(new Operation.Attention(
                CaseBuilder.value("out", n, q),
                form.keysWritten() > 0 ? weights : null,
                query,
                key,
                value,
                heads.heads(),
                heads.keyHeads(),
                heads.size(),
                // noise in [-1, 1) has a variance of a third: larger scores, so that the softmax is not flat
                3 * heads.scale(),
                new Keys.Packed(offsets, form.causal()),
                form.bias() ? new PositionBias(Weight.matrix("distances", 15, heads.heads()), 9) : null));
        for (int i = 0; i < batches.length; i++) {
            int[] lengths = batches[i];
            Run run = c.run(graph)
                    .size(n, Sizes.sum(lengths))
                    .size(sequences, lengths.length)
                    .input(offsets, Sizes.offsets(lengths));
            if (form.keysWritten() > 0) {
                run.size(keys, Math.max(1, form.keysWritten() - i));
            }
        }
        return c.build();
    }

    /** Scores in the hundreds: a softmax without its maximum taken off would overflow. */
    private static Case peaked() {
        CaseBuilder c = new CaseBuilder("attention packed with large scores");
        Symbol n = CaseBuilder.symbol("TOKENS", 6);
        Symbol sequences = CaseBuilder.symbol("SEQUENCES", 2);
        Input offsets = CaseBuilder.ints("offsets", new Size.Plus(sequences, 1));
        Input x = CaseBuilder.floats("x", n, 8);
        var graph = c.graph(new Operation.Attention(
                CaseBuilder.value("out", n, 8),
                null,
                Columns.all(x),
                Columns.all(x),
                Columns.all(x),
                2,
                2,
                4,
                1,
                new Keys.Packed(offsets, false),
                null));
        float[] values = Noise.floats(3, 48, 1);
        for (int i = 0; i < values.length; i++) {
            values[i] = Math.round(16 * values[i]);
        }
        c.run(graph).size(n, 6).size(sequences, 2).input(offsets, 0, 4, 6).input(x, values);
        return c.build();
    }

    private static int most(int[][] batches) {
        int most = 1;
        for (int[] lengths : batches) {
            most = Math.max(most, Sizes.sum(lengths));
        }
        return most;
    }
}
