package dev.gyre.scheduler;

import dev.gyre.backend.Bindings;
import dev.gyre.backend.Executable;
import dev.gyre.decoding.Candidates;
import dev.gyre.decoding.Edits;
import dev.gyre.decoding.Search;
import dev.gyre.transformer.Capacity;
import dev.gyre.transformer.Seq2SeqProgram;
import java.util.Arrays;

/**
 * The arrays of decoder runs, filled anew for each from the sentences that run. Every hypothesis has its tokens that
 * are not in the cache as rows, and its last row is picked. A prompt that is longer than a run takes is read in pieces;
 * only the last piece has a pick.
 */
final class Decoding {

    private final Seq2SeqProgram program;
    private final Capacity capacity;
    private final Slots slots;
    private final int vocabulary;
    private final Bindings bindings;
    private final Edits edits;

    private final int[] tokens;
    private final int[] positions;
    private final int[] destination;
    private final int[] line;
    private final int[] length;
    private final int[] memoryFirst;
    private final int[] memoryEnd;
    private final int[] from;
    private final int[] to;
    private final int[] inherited;
    private final int[] hypothesisLength;
    private final int[] slot;
    private final int[] picks;
    private final int[] normalise;
    private final int[] editOffsets;

    private final int[] ids;
    private final float[] values;
    private final float[] logSums;
    private float[] logits = new float[0];

    private final int[] children;
    private final int[] nextSlots;
    private final boolean[] kept;
    private final boolean[] renormalize;
    private final boolean[] again;

    private int rows;
    private int hypotheses;
    private int picked;
    private int sentences;
    private int top;
    private int rowsOfLogits;
    private boolean scored;

    Decoding(Seq2SeqProgram program, Slots slots, int vocabulary) {
        this.program = program;
        this.slots = slots;
        this.vocabulary = vocabulary;
        capacity = program.capacity();
        int r = capacity.rows();
        tokens = new int[r];
        positions = new int[r];
        destination = new int[r];
        line = new int[r];
        length = new int[r];
        memoryFirst = new int[r];
        memoryEnd = new int[r];
        int h = capacity.slots();
        from = new int[h];
        to = new int[h];
        inherited = new int[h];
        hypothesisLength = new int[h];
        slot = new int[h];
        picks = new int[h];
        normalise = new int[h];
        editOffsets = new int[h + 1];
        edits = new Edits(capacity.edits(), vocabulary);
        ids = new int[h * capacity.top()];
        values = new float[h * capacity.top()];
        logSums = new float[h];
        children = new int[h];
        nextSlots = new int[h];
        kept = new boolean[h];
        renormalize = new boolean[h];
        again = new boolean[h];

        bindings = new Bindings(program.decode());
        Seq2SeqProgram.DecodeInputs in = program.decodeInputs();
        Bind.input(bindings, in.tokens(), tokens);
        Bind.input(bindings, in.positions(), positions);
        Bind.input(bindings, in.destination(), destination);
        Bind.input(bindings, in.line(), line);
        Bind.input(bindings, in.length(), length);
        Bind.input(bindings, in.memoryFirst(), memoryFirst);
        Bind.input(bindings, in.memoryEnd(), memoryEnd);
        Bind.input(bindings, in.from(), from);
        Bind.input(bindings, in.to(), to);
        Bind.input(bindings, in.inherited(), inherited);
        Bind.input(bindings, in.hypothesisLength(), hypothesisLength);
        Bind.input(bindings, in.slot(), slot);
        Bind.input(bindings, in.picks(), picks);
        Bind.input(bindings, in.normalise(), normalise);
        Bind.input(bindings, in.editOffsets(), editOffsets);
        Bind.input(bindings, in.editTokens(), edits.tokens());
        Bind.input(bindings, in.editKinds(), edits.kinds());
        Bind.input(bindings, in.editAmounts(), edits.amounts());
    }

    void clear() {
        rows = 0;
        hypotheses = 0;
        picked = 0;
        sentences = 0;
        top = 1;
        rowsOfLogits = 0;
        scored = false;
        edits.clear();
    }

    int rows() {
        return rows;
    }

    int picks() {
        return picked;
    }

    int sentences() {
        return sentences;
    }

    int top() {
        return top;
    }

    int edits() {
        return edits.count();
    }

    /** Whether a sentence must have whole rows of logits; such sentences are added first. */
    boolean needsLogits(Sentence s) {
        int candidates = s.settings.candidates(vocabulary);
        return s.settings.chooses()
                || candidates == 0
                || candidates > capacity.top()
                || s.settings.renormalizesCandidates()
                        && (!s.settings.onlyBans() || candidates + bans(s) > capacity.top());
    }

    private long bans(Sentence s) {
        return s.settings.editsPerRow(vocabulary, s.source.length);
    }

    boolean fits(Sentence s) {
        long mayEdit = s.settings.editsPerRow(vocabulary, s.source.length) * s.search.rows();
        return (rows + s.newRows() <= capacity.rows() || inPieces(s) && rows < capacity.rows())
                && hypotheses + s.search.rows() <= capacity.slots()
                && edits.count() + mayEdit <= capacity.edits();
    }

    /** A single row can be read in several runs. */
    private boolean inPieces(Sentence s) {
        return s.search.rows() == 1 && s.newRows() > capacity.rows();
    }

    /** Adds the rows of a sentence that {@link #fits}. */
    void add(Sentence s) {
        Search search = s.search;
        int room = capacity.rows() - rows;
        s.complete = s.newRows() <= room;
        int n = s.complete ? search.length() : s.cached + room;
        s.firstPick = picked;
        sentences++;
        boolean wholeRows = needsLogits(s);
        boolean raise = s.settings.renormalizesCandidates() && !wholeRows;
        int candidates = s.settings.candidates(vocabulary);
        if (s.complete && wholeRows) {
            rowsOfLogits = picked + search.rows();
        }
        scored |= s.complete && !s.settings.onlyBest();
        if (s.complete && candidates <= capacity.top()) {
            top = Math.max(top, candidates);
        }
        place(s);
        for (int h = 0; h < search.rows(); h++) {
            int[] sequence = search.sequence(h);
            for (int p = s.cached; p < n; p++) {
                tokens[rows] = sequence[p];
                positions[rows] = p;
                destination[rows] = s.slots[h] * capacity.positions() + p;
                line[rows] = to[hypotheses];
                length[rows] = p + 1;
                memoryFirst[rows] = s.memoryFirst;
                memoryEnd[rows] = s.memoryFirst + s.source.length;
                rows++;
            }
            inherited[hypotheses] = s.cached;
            hypothesisLength[hypotheses] = n;
            slot[hypotheses] = s.slots[h];
            hypotheses++;
            if (s.complete) {
                picks[picked] = rows - 1;
                normalise[picked] = search.normalise() ? 1 : 0;
                search.edit(h, edits, raise);
                renormalize[picked] = s.settings.renormalizesCandidates();
                picked++;
                editOffsets[picked] = edits.count();
                if (raise) {
                    top = Math.max(top, candidates + edits.count() - editOffsets[picked - 1]);
                }
            }
        }
        s.ranRows = search.rows();
        s.cached = n;
        search.ran();
    }

    /**
     * Gives each hypothesis of a sentence a slot to write to, and its line of ancestry. A hypothesis that alone
     * continues another stays in its slot and line. Where several continue one, the first stays in the slot but moves
     * to its other line, as the line in use is read by the others; those go to slots that nothing continues.
     */
    private void place(Sentence s) {
        Search search = s.search;
        int n = search.rows();
        if (s.cached == 0) {
            for (int h = 0; h < n; h++) {
                from[hypotheses + h] = to[hypotheses + h] = slots.line(s.slots[h]);
            }
            return;
        }
        int owned = s.slots.length;
        for (int i = 0; i < owned; i++) {
            children[i] = 0;
            kept[i] = false;
        }
        for (int h = 0; h < n; h++) {
            int origin = search.origin(h);
            children[origin]++;
            from[hypotheses + h] = slots.line(s.slots[origin]);
        }
        for (int h = 0; h < n; h++) {
            int origin = search.origin(h);
            if (!kept[origin]) {
                kept[origin] = true;
                int same = s.slots[origin];
                nextSlots[h] = same;
                to[hypotheses + h] = children[origin] == 1 ? slots.line(same) : slots.otherLine(same);
            } else {
                nextSlots[h] = -1;
            }
        }
        int unused = 0;
        for (int h = 0; h < n; h++) {
            if (nextSlots[h] < 0) {
                while (kept[unused]) {
                    unused++;
                }
                kept[unused] = true;
                nextSlots[h] = s.slots[unused];
                to[hypotheses + h] = slots.line(nextSlots[h]);
            }
        }
        // The slots that are not used now stay behind those that are.
        int behind = n;
        for (int i = 0; i < owned; i++) {
            if (!kept[i]) {
                nextSlots[behind++] = s.slots[i];
            }
        }
        System.arraycopy(nextSlots, 0, s.slots, 0, owned);
    }

    void run(Executable executable) {
        bindings.size(program.rows(), rows)
                .size(program.hypotheses(), hypotheses)
                .size(program.picks(), picked)
                .size(program.scored(), scored())
                .size(program.edits(), edits.count())
                .size(program.top(), top);
        executable.run(bindings);
    }

    /** Rows whose log-sums are wanted: all, unless every sentence looks at nothing but its best token. */
    private int scored() {
        return scored ? picked : 0;
    }

    /** Waits for the run and reads what it selected: O(rows), unless whole rows are asked for. */
    Candidates read(Executable executable) {
        executable.read(program.selection().ids(), ids, picked * top);
        if (scored) {
            executable.read(program.selection().values(), values, picked * top);
            executable.read(program.selection().logSum(), logSums, picked);
        } else {
            readValuesInDoubt(executable);
        }
        readLogits(executable, rowsOfLogits);
        Candidates candidates = Candidates.of(ids, values, logSums, top, logits, rowsOfLogits, vocabulary);
        int more = rowsOfLogits;
        for (int row = 0; row < picked; row++) {
            if (renormalize[row] && row < rowsOfLogits) {
                candidates.renormalizeFromLogits(row, edits, editOffsets[row], editOffsets[row + 1], false);
            } else if (renormalize[row]
                    && !candidates.renormalizeRaised(row, edits, editOffsets[row], editOffsets[row + 1])) {
                again[row] = true;
                more = row + 1;
            }
        }
        if (more > rowsOfLogits) {
            readLogits(executable, more);
            Candidates whole = Candidates.of(ids, values, logSums, top, logits, more, vocabulary);
            for (int row = rowsOfLogits; row < more; row++) {
                if (again[row]) {
                    whole.renormalizeFromLogits(row, edits, editOffsets[row], editOffsets[row + 1], true);
                    again[row] = false;
                }
            }
        }
        return candidates;
    }

    /**
     * The values of a run that nobody scores, where one may be that of a row without a token: in a row where all are
     * banned or no numbers, the smallest id is the best.
     */
    private void readValuesInDoubt(Executable executable) {
        Arrays.fill(values, 0, picked, 0);
        for (int row = 0; row < picked; row++) {
            if (ids[row] <= 0) {
                executable.read(program.selection().values(), values, picked);
                return;
            }
        }
    }

    private void readLogits(Executable executable, int picks) {
        int count = Math.multiplyExact(picks, vocabulary);
        if (logits.length < count) {
            logits = new float[count];
        }
        if (count > 0) {
            executable.read(program.selection().logits(), logits, count);
        }
    }
}
