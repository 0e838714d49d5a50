package dev.gyre.decoding;

import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/**
 * How the hypotheses of one sentence grow. All rows of a search have the same length. The order of calls: {@link
 * #force}, then again and again: a run of the device over {@link #rows}, {@link #ran}, {@link #advance}, {@link #force};
 * until {@link #finished}.
 */
public abstract sealed class Search permits GreedySearch, BeamSearch, GroupBeamSearch, SampleSearch {

    final SearchSettings settings;
    final Processors processors;

    /** Tokens of every row. */
    int length;

    private int[] origins;
    private int[] composed;

    Search(SearchSettings settings, int[] source, int vocabulary) {
        this.settings = settings;
        this.processors = new Processors(settings, source, vocabulary);
        this.length = settings.prompt().length;
        this.origins = new int[settings.hypotheses()];
        this.composed = new int[settings.hypotheses()];
    }

    /**
     * The search that the settings ask for.
     *
     * @param source source token ids, for the options that look at them
     * @param index the number of the sentence among those of its caller: sampling depends on it and on the seed
     */
    public static Search of(SearchSettings settings, int[] source, int vocabulary, long index) {
        if (settings.groups() > 1) {
            return new GroupBeamSearch(settings, source, vocabulary);
        }
        if (settings.numBeams() > 1) {
            return new BeamSearch(settings, source, vocabulary, index);
        }
        return settings.sample()
                ? new SampleSearch(settings, source, vocabulary, index)
                : new GreedySearch(settings, source, vocabulary);
    }

    public final SearchSettings settings() {
        return settings;
    }

    /** Tokens of every row so far. */
    public final int length() {
        return length;
    }

    /** Rows whose next token is wanted; 1 before the first run, as all start alike. */
    public abstract int rows();

    /** The tokens of a row: the first {@link #length} of an array that changes with the next {@link #advance}. */
    public abstract int[] sequence(int row);

    /** Which row of the last run a row continues. */
    public final int origin(int row) {
        return origins[row];
    }

    /** The device has taken the rows as they are now. */
    public final void ran() {
        for (int i = 0; i < origins.length; i++) {
            origins[i] = i;
        }
    }

    /**
     * Adds the edits of a row.
     *
     * @param raise whether banned tokens are raised by {@link Edits#RAISE} instead, for {@link Candidates} to take out
     */
    public final void edit(int row, Edits edits, boolean raise) {
        edits.nextRow(raise);
        processors.edit(sequence(row), length, edits);
    }

    /** Whether values are log-probabilities; raw logits otherwise. */
    public abstract boolean normalise();

    /** Advances as long as the next token is forced: no logits are needed for that. */
    public final void force() {
        while (!finished()) {
            int[] forced = settings.forced(length);
            if (forced == null) {
                return;
            }
            int[] allowed = Arrays.stream(forced)
                    .filter(t -> !processors.suppressed(t, length))
                    .sorted()
                    .distinct()
                    .toArray();
            float each = settings.renormalize() ? (float) -Math.log(Math.max(1, allowed.length)) : 0;
            advance(
                    allowed.length > 0
                            ? Candidates.only(allowed, each)
                            : Candidates.only(new int[] {0}, Float.NEGATIVE_INFINITY),
                    0);
        }
    }

    /** Takes one token more of those that may come; see {@link #advance}. */
    public final void take(Candidates candidates, int first) {
        NextTokens rule = settings.nextTokens();
        if (rule == null) {
            advance(candidates, first);
            return;
        }
        int[][] allowed = new int[rows()][];
        for (int row = 0; row < allowed.length; row++) {
            allowed[row] = rule.allowed(Arrays.copyOf(sequence(row), length));
            if (allowed[row].length == 0) {
                throw new IllegalStateException("no token may come behind "
                        + Arrays.toString(Arrays.copyOf(sequence(row), length)) + "; a rule must leave at least one");
            }
        }
        int wanted = settings.candidates(candidates.vocabulary());
        int most = Math.max(1, wanted == 0 ? candidates.vocabulary() : wanted);
        advance(candidates.among(first, allowed, most, normalise()), 0);
    }

    /**
     * Takes one token more.
     *
     * @param candidates of the rows {@code first} to {@code first + rows() - 1}, which belong to this search
     */
    public abstract void advance(Candidates candidates, int first);

    /** Whether nothing is left to do. */
    public abstract boolean finished();

    /** What was found, best first; at most {@code num_return_sequences}. */
    public abstract List<Hypothesis> results();

    /** Each of the new rows continues the row that {@code parents} names. */
    final void follow(int[] parents, int rows) {
        for (int i = 0; i < rows; i++) {
            composed[i] = origins[parents[i]];
        }
        int[] old = origins;
        origins = composed;
        composed = old;
    }

    /** Random numbers that depend on the seed and on the number of the sentence. */
    final SplittableRandom random(long index) {
        return new SplittableRandom(settings.seed() ^ new SplittableRandom(index).nextLong());
    }

    /** {@code generated ^ length_penalty}, as a float32 like every score. */
    final float lengthDivisor(int generated) {
        return (float) Math.pow(generated, settings.lengthPenalty());
    }

    /** An array with room for a number at {@code index}. */
    static float[] room(float[] numbers, int index) {
        return index < numbers.length ? numbers : Arrays.copyOf(numbers, Math.max(16, 2 * index));
    }

    /** An array with room for a token at {@code index}. */
    static int[] room(int[] sequence, int index) {
        return index < sequence.length ? sequence : Arrays.copyOf(sequence, Math.max(16, 2 * index));
    }
}
