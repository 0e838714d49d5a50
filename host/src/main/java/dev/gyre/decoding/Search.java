package dev.gyre.decoding;

import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.SplittableRandom;

/**
 * How the hypotheses of one sentence grow. All rows of a search have the same length. The order of calls: {@link
 * #force}, then again and again: a run of the device over {@link #rows}, {@link #ran}, {@link #advance}, {@link #force};
 * until {@link #finished}.
 */
public abstract sealed class Search permits GreedySearch, BeamSearch, GroupBeamSearch, SampleSearch {

    /** Tokens that a message shows of what came before. */
    private static final int SHOWN = 8;

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

    /**
     * Takes one token more of those that may come; see {@link #advance}.
     *
     * @throws NoTokenException if a rule allows none that there is
     */
    public final void take(Candidates candidates, int first) {
        NextTokens rule = settings.nextTokens();
        if (rule == null) {
            advance(candidates, first);
            return;
        }
        int[][] allowed = new int[rows()][];
        boolean banned = true;
        for (int row = 0; row < allowed.length; row++) {
            allowed[row] = allowed(rule, row, candidates.vocabulary());
            int at = first + row;
            banned &= Arrays.stream(allowed[row]).allMatch(t -> candidates.logit(at, t) == Float.NEGATIVE_INFINITY);
        }
        if (banned) {
            // The rule has the last word, but for suppression: see PrefixConstrainedLogitsProcessor.
            for (int row = 0; row < allowed.length; row++) {
                allowed[row] = Arrays.stream(allowed[row])
                        .filter(t -> !processors.suppressed(t, length))
                        .toArray();
            }
            advance(Candidates.only(allowed, settings.renormalize()), 0);
            return;
        }
        int wanted = settings.candidates(candidates.vocabulary());
        int most = Math.max(1, wanted == 0 ? candidates.vocabulary() : wanted);
        advance(candidates.among(first, allowed, most, normalise(), settings.renormalizesCandidates()), 0);
    }

    /** The tokens of the vocabulary that a rule allows behind a row, in ascending order. */
    private int[] allowed(NextTokens rule, int row, int vocabulary) {
        int[] given = Objects.requireNonNull(
                rule.allowed(Arrays.copyOf(sequence(row), length)), "a rule for the next tokens returned null");
        int[] there = Arrays.stream(given)
                .filter(t -> t >= 0 && t < vocabulary)
                .sorted()
                .distinct()
                .toArray();
        if (there.length == 0) {
            throw new NoTokenException("no token may come behind " + shown(sequence(row))
                    + "; a rule must leave at least one of the ids 0 to " + (vocabulary - 1)
                    + (given.length == 0 ? "" : ", not " + given[0] + (given.length == 1 ? "" : ", ...")));
        }
        return there;
    }

    /**
     * Whether any token can come in a row.
     *
     * @throws NoTokenException if its logits are no numbers
     */
    final boolean goesOn(Candidates candidates, int row) {
        if (candidates.id(row, 0) < 0) {
            return false;
        }
        float best = candidates.value(row, 0);
        if (Float.isNaN(best)) {
            throw new NoTokenException("the logits of token " + (length + 1)
                    + " are no numbers (NaN): the model's weights are damaged, or its activations leave the range of the"
                    + " compute type");
        }
        return best > Float.NEGATIVE_INFINITY;
    }

    /** That every token is banned behind a sequence. */
    final NoTokenException nothing(int[] sequence) {
        return new NoTokenException("every token is banned or suppressed behind " + shown(sequence)
                + ": suppress_tokens, bad_words_ids, no_repeat_ngram_size and the minimum length must leave one");
    }

    private String shown(int[] sequence) {
        int from = Math.max(0, length - SHOWN);
        String tokens = Arrays.toString(Arrays.copyOfRange(sequence, from, length));
        return from == 0 ? tokens : "[..., " + tokens.substring(1);
    }

    /**
     * Takes one token more.
     *
     * @param candidates of the rows {@code first} to {@code first + rows() - 1}, which belong to this search
     */
    public abstract void advance(Candidates candidates, int first);

    /** Whether nothing is left to do. */
    public abstract boolean finished();

    /**
     * What was found, best first; at least one, at most {@code num_return_sequences}.
     *
     * @throws NoTokenException if all hypotheses had to be given up
     */
    public final List<Hypothesis> results() {
        List<Hypothesis> found = found();
        if (found.isEmpty()) {
            throw new NoTokenException("every token was banned or suppressed in all hypotheses before one ended:"
                    + " suppress_tokens, bad_words_ids, no_repeat_ngram_size and the minimum length must leave one");
        }
        return found;
    }

    /** What was found, best first. */
    abstract List<Hypothesis> found();

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
