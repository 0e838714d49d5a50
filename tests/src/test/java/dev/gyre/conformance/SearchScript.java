package dev.gyre.conformance;

import dev.gyre.graph.Edit;
import dev.gyre.graph.Graph;
import dev.gyre.graph.Program;
import dev.gyre.transformer.AttentionMaps;
import dev.gyre.transformer.Capacity;
import dev.gyre.transformer.Seq2SeqProgram;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * A whole translation with the choices made beforehand: sources are encoded together, beams step and change places,
 * one source ends early and another takes its slots and memory. Tokens and parents are noise, so two backends stay in
 * step whatever they compute.
 *
 * <p>What a group (a source with its beams) does depends on nothing but its number, so the same group can be run in
 * other company: rows of {@link #group} tell which rows of a run's picks are whose.
 */
final class SearchScript {

    static final int GROUPS = 3;
    static final int BEAMS = 2;
    static final int STEPS = 7;
    /** Tokens of each source; the last two are encoded later, into places that have become free. */
    private static final int[] LENGTHS = {5, 1, 9, 7, 12};
    /** Group and step at which a later source moves in. */
    private static final int[][] REFILLS = {{1, 3}, {0, 5}};

    private static final int SLOTS = GROUPS * BEAMS;
    private static final int MEMORY = 12;
    private static final int POSITIONS = 8;

    private final CaseBuilder c;
    private final Seq2SeqProgram program;
    private final Graph encode;
    private final Graph decode;
    private final int[] present;
    private final int[] side = new int[SLOTS];
    private final int[] source = new int[GROUPS];
    private final int[] start = new int[GROUPS];
    private final List<Run> encodes = new ArrayList<>();
    private final List<Run> decodes = new ArrayList<>();

    /** @param present the groups that take part, ascending */
    SearchScript(Models model, AttentionMaps maps, boolean fused, int... present) {
        this(model, maps, fused, present, STEPS);
    }

    private SearchScript(Models model, AttentionMaps maps, boolean fused, int[] present, int steps) {
        this.present = present;
        program = Seq2SeqProgram.of(
                model.transformer(),
                new Capacity(30, GROUPS, GROUPS * MEMORY, SLOTS, POSITIONS, SLOTS, SLOTS, 20, 4),
                maps);
        c = new CaseBuilder("translation " + model + (maps == AttentionMaps.NONE ? "" : " writes maps " + maps))
                .tolerance(3e-5);
        Program chosen = fused ? program.program() : program.recorded();
        encode = c.graph(chosen.graph("encode"));
        decode = c.graph(chosen.graph("decode"));
        c.weights().give("angles", angles(model.heads().size()));
        write(steps);
    }

    /** Every group. */
    static Case whole(Models model, AttentionMaps maps, boolean fused) {
        return new SearchScript(model, maps, fused, 0, 1, 2).build();
    }

    /** Two steps of two groups. */
    static Case small() {
        return new SearchScript(Models.tiny(), AttentionMaps.LAST_CROSS, true, new int[] {0, 1}, 2).build();
    }

    Case build() {
        return c.build();
    }

    Seq2SeqProgram program() {
        return program;
    }

    List<Run> encodes() {
        return encodes;
    }

    List<Run> decodes() {
        return decodes;
    }

    /** The first of a group's {@link #BEAMS} rows in each decode run. */
    int group(int group) {
        return BEAMS * Arrays.binarySearch(present, group);
    }

    private void write(int steps) {
        encode(present, present);
        for (int step = 0; step < steps; step++) {
            for (int i = 0; i < REFILLS.length; i++) {
                int group = REFILLS[i][0];
                if (REFILLS[i][1] == step && Arrays.binarySearch(present, group) >= 0) {
                    start[group] = step;
                    encode(new int[] {group}, new int[] {GROUPS + i});
                }
            }
            step(step);
        }
    }

    /** Encodes sources into the memory of groups. */
    private void encode(int[] groups, int[] sources) {
        int[] lengths = IntStream.of(sources).map(s -> LENGTHS[s]).toArray();
        int count = Sizes.sum(lengths);
        int[] tokens = new int[count];
        int[] positions = new int[count];
        int[] rows = new int[count];
        int at = 0;
        for (int i = 0; i < groups.length; i++) {
            source[groups[i]] = sources[i];
            for (int p = 0; p < lengths[i]; p++) {
                tokens[at] = token(sources[i], p, 0);
                positions[at] = p;
                rows[at] = groups[i] * MEMORY + p;
                at++;
            }
        }
        var in = program.encodeInputs();
        Run run = c.run(encode)
                .size(program.tokens(), count)
                .size(program.sequences(), groups.length)
                .input(in.tokens(), tokens)
                .input(in.positions(), positions)
                .input(in.offsets(), Sizes.offsets(lengths))
                .input(in.destination(), rows);
        if (encode.symbols().contains(program.keys())) {
            run.size(program.keys(), 9);
        }
        encodes.add(run);
    }

    private void step(int step) {
        int n = present.length * BEAMS;
        int[][] v = new int[14][n];
        for (int i = 0; i < n; i++) {
            int g = present[i / BEAMS];
            int h = g * BEAMS + i % BEAMS;
            int position = step - start[g];
            boolean keep = position == 0 || Noise.at(g, step, 1) < 0;
            int parent = keep ? h : g * BEAMS + (Noise.at(h, step, 2) < 0 ? 0 : 1);
            v[0][i] = token(source[g], position, 1 + i % BEAMS);
            v[1][i] = position;
            v[2][i] = h * POSITIONS + position;
            v[3][i] = keep ? 2 * h + side[h] : 2 * h + 1 - side[h];
            v[4][i] = position + 1;
            v[5][i] = g * MEMORY;
            v[6][i] = g * MEMORY + LENGTHS[source[g]];
            v[7][i] = 2 * parent + side[parent];
            v[8][i] = v[3][i];
            v[9][i] = position;
            v[10][i] = position + 1;
            v[11][i] = h;
            v[12][i] = i;
            v[13][i] = g % 2;
        }
        for (int i = 0; i < n; i++) {
            int h = present[i / BEAMS] * BEAMS + i % BEAMS;
            side[h] = v[8][i] - 2 * h;
        }
        var in = program.decodeInputs();
        Run run = c.run(decode)
                .size(program.rows(), n)
                .size(program.hypotheses(), n)
                .size(program.picks(), n)
                .size(program.scored(), n)
                .size(program.top(), 4)
                .input(in.tokens(), v[0])
                .input(in.positions(), v[1])
                .input(in.destination(), v[2])
                .input(in.line(), v[3])
                .input(in.length(), v[4])
                .input(in.memoryFirst(), v[5])
                .input(in.memoryEnd(), v[6])
                .input(in.from(), v[7])
                .input(in.to(), v[8])
                .input(in.inherited(), v[9])
                .input(in.hypothesisLength(), v[10])
                .input(in.slot(), v[11])
                .input(in.picks(), v[12])
                .input(in.normalise(), v[13]);
        edits(run, v[0]);
        if (decode.symbols().contains(program.keys())) {
            run.size(program.keys(), 12);
        }
        decodes.add(run);
    }

    /** The token before is banned in every row, and one other is punished. */
    private void edits(Run run, int[] tokens) {
        int n = tokens.length;
        int[] offsets = new int[n + 1];
        int[] edited = new int[2 * n];
        int[] kinds = new int[2 * n];
        float[] amounts = new float[2 * n];
        for (int i = 0; i < n; i++) {
            offsets[i + 1] = 2 * (i + 1);
            edited[2 * i] = tokens[i];
            kinds[2 * i] = Edit.BAN.ordinal();
            edited[2 * i + 1] = (tokens[i] + 1) % Models.VOCABULARY;
            kinds[2 * i + 1] = Edit.PENALTY.ordinal();
            amounts[2 * i + 1] = 1.2f;
        }
        var in = program.decodeInputs();
        run.size(program.edits(), 2 * n)
                .input(in.editOffsets(), offsets)
                .input(in.editTokens(), edited)
                .input(in.editKinds(), kinds)
                .input(in.editAmounts(), amounts);
    }

    private static int token(int source, int position, int stream) {
        return (int) ((Noise.at(source, position, stream) + 1) / 2 * Models.VOCABULARY);
    }

    private static float[] angles(int headSize) {
        float[] table = new float[Models.POSITIONS * headSize];
        for (int p = 0; p < Models.POSITIONS; p++) {
            for (int i = 0; i < headSize / 2; i++) {
                double angle = p * Math.pow(10000, -2.0 * i / headSize);
                table[p * headSize + i] = (float) Math.cos(angle);
                table[p * headSize + headSize / 2 + i] = (float) Math.sin(angle);
            }
        }
        return table;
    }
}
