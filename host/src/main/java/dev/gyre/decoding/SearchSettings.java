package dev.gyre.decoding;

import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The options of one request with every default filled in and every number checked against the model. Lengths count
 * all target tokens: start token, prefix, generated tokens, end token.
 *
 * @param prompt the start token and the prefix; between them the forced first token, where there is one
 * @param endTokens tokens that end a hypothesis
 * @param maxLength the longest a hypothesis becomes
 * @param minLength no end token before this length
 * @param badWords sequences that never come; none is a single end token
 * @param forcedFirst the token behind a lone start token, or -1
 * @param forcedLast what may come at the maximum length; empty for anything
 * @param renormalize whether log-probabilities are normalised again after all changes
 * @param nextTokens which tokens may come next, where not all may
 * @param groups groups that the beams are searched in, one after the other; 1 is plain beam search
 * @param diversityPenalty what a token loses for each beam of an earlier group that took it
 * @param padding what the rows of finished groups are filled up with
 * @param stopRule what finishes a hypothesis beside its end tokens
 * @param scores whether anybody wants to know how probable hypotheses are
 */
public record SearchSettings(
        int[] prompt,
        int[] endTokens,
        int maxLength,
        int minLength,
        int numBeams,
        int numReturnSequences,
        int groups,
        double diversityPenalty,
        int padding,
        double lengthPenalty,
        EarlyStopping earlyStopping,
        double repetitionPenalty,
        double encoderRepetitionPenalty,
        int noRepeatNgramSize,
        int encoderNoRepeatNgramSize,
        int[][] badWords,
        int forcedFirst,
        int[] forcedLast,
        int[] suppress,
        int[] suppressFirst,
        boolean renormalize,
        boolean sample,
        int topK,
        double topP,
        double temperature,
        long seed,
        @Nullable NextTokens nextTokens,
        @Nullable StopRule stopRule,
        boolean scores) {

    /** New tokens when neither {@code max_new_tokens} nor {@code max_length} is given, as in {@code generate()}. */
    static final int DEFAULT_NEW_TOKENS = 20;

    /**
     * Fills in and checks. A maximum length that a request gives must fit into the positions; one of the defaults is
     * cut to them.
     *
     * @param given options of the request
     * @param defaults options of the model, below them
     * @throws IllegalArgumentException in one line that names the option and the numbers
     */
    public static SearchSettings of(GenerationOptions given, GenerationOptions defaults, Target target) {
        return of(given, defaults, target, null);
    }

    /**
     * As {@link #of(GenerationOptions, GenerationOptions, Target)}, of a decoder-only model, whose targets begin with a
     * prompt of their own instead of a start token. A prompt without tokens becomes the start token.
     */
    public static SearchSettings of(
            GenerationOptions given, GenerationOptions defaults, Target target, int @Nullable [] first) {
        GenerationOptions options = given.or(defaults);
        int[] prompt = first != null && first.length > 0 ? join(first, options.targetPrefix()) : prompt(options);
        boolean asked = given.has(Option.MAX_NEW_TOKENS) || given.has(Option.MAX_LENGTH);
        SearchSettings settings = of(options, asked, target, prompt);
        if (given.has(Option.DIVERSITY_PENALTY) && settings.groups == 1 && settings.diversityPenalty > 0) {
            throw new IllegalArgumentException("diversity_penalty is " + settings.diversityPenalty
                    + " and num_beam_groups is 1: there is nothing to be different from; set num_beam_groups");
        }
        return settings;
    }

    private static SearchSettings of(GenerationOptions options, boolean asked, Target target, int[] prompt) {
        int maxLength = maxLength(options, asked, prompt.length, target.positions());
        Integer minNew = options.get(Option.MIN_NEW_TOKENS);
        int minLength = minNew != null
                ? (int) Math.min(Integer.MAX_VALUE, (long) prompt.length + minNew)
                : or(options.get(Option.MIN_LENGTH), 0);
        int[] ends = ints(options.get(Option.EOS_TOKEN_ID));
        Integer first = options.get(Option.FORCED_BOS_TOKEN_ID);

        SearchSettings settings = new SearchSettings(
                prompt,
                ends,
                maxLength,
                minLength,
                or(options.get(Option.NUM_BEAMS), 1),
                or(options.get(Option.NUM_RETURN_SEQUENCES), 1),
                or(options.get(Option.NUM_BEAM_GROUPS), 1),
                or(options.get(Option.DIVERSITY_PENALTY), 0.0),
                or(options.get(Option.PAD_TOKEN_ID), ends.length > 0 ? ends[0] : 0),
                or(options.get(Option.LENGTH_PENALTY), 1.0),
                or(options.get(Option.EARLY_STOPPING), EarlyStopping.HEURISTIC),
                or(options.get(Option.REPETITION_PENALTY), 1.0),
                or(options.get(Option.ENCODER_REPETITION_PENALTY), 1.0),
                or(options.get(Option.NO_REPEAT_NGRAM_SIZE), 0),
                or(options.get(Option.ENCODER_NO_REPEAT_NGRAM_SIZE), 0),
                badWords(options.get(Option.BAD_WORDS_IDS), ends),
                first == null ? -1 : first,
                ints(options.get(Option.FORCED_EOS_TOKEN_ID)),
                ints(options.get(Option.SUPPRESS_TOKENS)),
                ints(options.get(Option.BEGIN_SUPPRESS_TOKENS)),
                or(options.get(Option.RENORMALIZE_LOGITS), false),
                or(options.get(Option.DO_SAMPLE), false),
                or(options.get(Option.TOP_K), 0),
                or(options.get(Option.TOP_P), 1.0),
                or(options.get(Option.TEMPERATURE), 1.0),
                or(options.get(Option.SEED), 0L),
                options.nextTokens(),
                options.stopRule(),
                options.scores());
        settings.check(target);
        return settings;
    }

    /** Candidates of a row that the search looks at; 0 where it needs whole rows of logits. */
    public int candidates(int vocabulary) {
        if (sample) {
            int drawnFrom = topK == 0 ? 0 : Math.max(topK, drawnFromAtLeast());
            return drawnFrom > vocabulary ? 0 : drawnFrom;
        }
        if (groups > 1) {
            // A group may lose as many of its best as earlier groups have beams.
            return Math.min(vocabulary, beamsToKeep() / groups + numBeams - numBeams / groups);
        }
        return Math.min(vocabulary, numBeams == 1 ? 1 : beamsToKeep());
    }

    /** {@code max(2, 1 + end tokens)·beams}: as many as may end at once, and beams that go on. */
    int beamsToKeep() {
        return Math.multiplyExact(Math.max(2, 1 + endTokens.length), numBeams);
    }

    /** Tokens that top-k and top-p leave at least: with beams one more than may end a hypothesis, and never one alone. */
    int drawnFromAtLeast() {
        return numBeams == 1 ? 1 : Math.max(2, 1 + endTokens.length);
    }

    /**
     * Whether the candidates of a row must be normalised again: with beams only, others come out the same, and draws are
     * normalised among themselves.
     */
    public boolean renormalizesCandidates() {
        return renormalize && numBeams > 1 && !sample;
    }

    /** Whether tokens are banned and nothing else is changed. */
    public boolean onlyBans() {
        return repetitionPenalty == 1 && encoderRepetitionPenalty == 1;
    }

    /** Whether the best token of a row is all that the search looks at. */
    public boolean onlyBest() {
        return !scores && numBeams == 1 && groups == 1 && !sample && nextTokens == null;
    }

    /** Whether whole rows of logits are needed whatever the vocabulary: what may come is chosen here. */
    public boolean chooses() {
        return nextTokens != null;
    }

    /** Whether the first {@code length} tokens are a finished hypothesis by the rule that was given. */
    boolean stops(int[] sequence, int length) {
        return stopRule != null && stopRule.stops(Arrays.copyOf(sequence, length), prompt.length);
    }

    /** Rows that the device computes for one sentence at once, at most. */
    public int hypotheses() {
        return numBeams > 1 ? numBeams : numReturnSequences;
    }

    /** Edits of one row, at most, for sequences up to the maximum length. */
    public long editsPerRow(int vocabulary, int sourceTokens) {
        long past = Math.min(vocabulary, maxLength);
        return (repetitionPenalty != 1 || encoderRepetitionPenalty != 1 ? past + sourceTokens : 0)
                + (noRepeatNgramSize > 0 ? past : 0)
                + (encoderNoRepeatNgramSize > 0 ? sourceTokens : 0)
                + badWords.length
                + suppress.length
                + suppressFirst.length
                + endTokens.length;
    }

    boolean ends(int token) {
        for (int end : endTokens) {
            if (end == token) {
                return true;
            }
        }
        return false;
    }

    /**
     * What the next token must be, whatever the logits say: one of these, each with value 0.
     *
     * @param length tokens that are there
     */
    int @Nullable [] forced(int length) {
        if (length == maxLength - 1 && forcedLast.length > 0) {
            return forcedLast;
        }
        return length == 1 && forcedFirst >= 0 ? new int[] {forcedFirst} : null;
    }

    private void check(Target target) {
        if (numReturnSequences > numBeams && (!sample || numBeams > 1)) {
            throw new IllegalArgumentException("num_return_sequences is " + numReturnSequences
                    + ", more than num_beams, which is " + numBeams
                    + (sample ? "" : ", and do_sample is false"));
        }
        if (numBeams % groups != 0) {
            throw new IllegalArgumentException("num_beams is " + numBeams + ", which num_beam_groups " + groups
                    + " does not divide: all groups have as many beams");
        }
        if (groups > 1 && sample) {
            throw new IllegalArgumentException(
                    "num_beam_groups is " + groups + " and do_sample is true: diverse beams cannot be drawn");
        }
        if (groups > 1) {
            checkTokens("pad_token_id", new int[] {padding}, target);
        }
        checkTokens("the target's prompt", prompt, target);
        checkTokens("eos_token_id", endTokens, target);
        checkTokens("forced_bos_token_id", forcedFirst < 0 ? new int[0] : new int[] {forcedFirst}, target);
        checkTokens("forced_eos_token_id", forcedLast, target);
        checkTokens("suppress_tokens", suppress, target);
        checkTokens("begin_suppress_tokens", suppressFirst, target);
        for (int[] word : badWords) {
            checkTokens("bad_words_ids", word, target);
        }
    }

    private static int[] prompt(GenerationOptions options) {
        Integer start = options.get(Option.DECODER_START_TOKEN_ID);
        if (start == null) {
            start = options.get(Option.BOS_TOKEN_ID);
        }
        if (start == null) {
            throw new IllegalArgumentException(
                    "targets have no start token: set decoder_start_token_id (or bos_token_id)");
        }
        int[] prefix = options.targetPrefix();
        Integer first = options.get(Option.FORCED_BOS_TOKEN_ID);
        // What every target begins with, its language say, is forced behind a lone start token only: a prefix comes
        // behind it.
        boolean missing = first != null && prefix.length > 0 && prefix[0] != first;
        return join(missing ? new int[] {start, first} : new int[] {start}, prefix);
    }

    private static int[] join(int[] first, int[] second) {
        int[] both = Arrays.copyOf(first, first.length + second.length);
        System.arraycopy(second, 0, both, first.length, second.length);
        return both;
    }

    private static int maxLength(GenerationOptions options, boolean asked, int prompt, int positions) {
        Integer newTokens = options.get(Option.MAX_NEW_TOKENS);
        Integer length = options.get(Option.MAX_LENGTH);
        long max;
        String from;
        if (newTokens != null) {
            max = (long) prompt + newTokens;
            from = "max_new_tokens " + newTokens + " behind a start of " + prompt;
        } else if (length != null) {
            max = length;
            from = "max_length " + length;
        } else {
            max = Math.max(prompt + 1, Math.min(prompt + DEFAULT_NEW_TOKENS, positions));
            from = "a start of " + prompt + " tokens";
        }
        // The last token is never fed back, so it needs no position.
        if (!asked) {
            max = Math.min(max, positions + 1L);
        }
        if (max <= prompt) {
            throw new IllegalArgumentException("the target starts with " + prompt + " tokens, and max_length is " + max
                    + ": nothing can be generated; raise max_length or set max_new_tokens");
        }
        if (max - 1 > positions) {
            throw new IllegalArgumentException(from + " needs " + (max - 1) + " target positions; there are "
                    + positions + ": lower max_new_tokens or max_length");
        }
        return (int) max;
    }

    private static int[][] badWords(@Nullable List<List<Integer>> words, int[] ends) {
        if (words == null) {
            return new int[0][];
        }
        return words.stream()
                .map(SearchSettings::ints)
                .filter(w -> w.length > 1 || Arrays.stream(ends).noneMatch(e -> e == w[0]))
                .toArray(int[][]::new);
    }

    private static void checkTokens(String what, int[] tokens, Target target) {
        for (int t : tokens) {
            if (t < 0 || t >= target.vocabulary()) {
                throw new IllegalArgumentException(
                        what + " has token " + t + "; the target vocabulary has " + target.vocabulary() + " tokens");
            }
        }
    }

    private static int[] ints(@Nullable List<Integer> list) {
        return list == null
                ? new int[0]
                : list.stream().mapToInt(Integer::intValue).toArray();
    }

    private static <T> T or(@Nullable T value, T otherwise) {
        return value == null ? otherwise : value;
    }
}
