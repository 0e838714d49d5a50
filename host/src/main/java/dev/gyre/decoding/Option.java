package dev.gyre.decoding;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * An option of {@code generate()} under its Hugging Face name, with what it may be and what it is when nobody says.
 *
 * @param <T> what a value is in Java
 */
public final class Option<T> {

    private static final List<Option<?>> KNOWN = new ArrayList<>();

    /** Hypotheses that a sentence keeps; 1 is greedy. */
    public static final Option<Integer> NUM_BEAMS = integer("num_beams", 1, 1, 1024);

    /** Tokens to generate at most, the end token included. Stronger than {@link #MAX_LENGTH}. */
    public static final Option<Integer> MAX_NEW_TOKENS = integer("max_new_tokens", null, 1, Integer.MAX_VALUE);

    /** Target tokens at most, start token, prefix and end token included. Without either: 20 new tokens. */
    public static final Option<Integer> MAX_LENGTH = integer("max_length", null, 1, Integer.MAX_VALUE);

    /** Tokens to generate before the end token may come. Stronger than {@link #MIN_LENGTH}. */
    public static final Option<Integer> MIN_NEW_TOKENS = integer("min_new_tokens", null, 0, Integer.MAX_VALUE);

    /** Target tokens, start token and prefix included, before the end token may come. */
    public static final Option<Integer> MIN_LENGTH = integer("min_length", 0, 0, Integer.MAX_VALUE);

    /** Exponent of the number of generated tokens that the log-probability of a hypothesis is divided by. */
    public static final Option<Double> LENGTH_PENALTY = number("length_penalty", 1.0, v -> true, "a finite number");

    /** When beam search ends. */
    public static final Option<EarlyStopping> EARLY_STOPPING = register(
            "early_stopping",
            EarlyStopping.HEURISTIC,
            v -> v instanceof EarlyStopping e ? e : EarlyStopping.of(String.valueOf(v)));

    /** N-grams of this many tokens come only once; 0 is off. */
    public static final Option<Integer> NO_REPEAT_NGRAM_SIZE = integer("no_repeat_ngram_size", 0, 0, Integer.MAX_VALUE);

    /** N-grams of this many tokens that are in the source do not come; 0 is off. */
    public static final Option<Integer> ENCODER_NO_REPEAT_NGRAM_SIZE =
            integer("encoder_no_repeat_ngram_size", 0, 0, Integer.MAX_VALUE);

    /** Tokens that were there lose by this factor (Keskar et al., 2019); 1 is off. */
    public static final Option<Double> REPETITION_PENALTY =
            number("repetition_penalty", 1.0, v -> v > 0, "greater than 0");

    /** Tokens that are not in the source lose by this factor; 1 is off. */
    public static final Option<Double> ENCODER_REPETITION_PENALTY =
            number("encoder_repetition_penalty", 1.0, v -> v > 0, "greater than 0");

    /** Sequences of token ids that never come. */
    public static final Option<List<List<Integer>>> BAD_WORDS_IDS = register("bad_words_ids", null, Option::tokenLists);

    /** The first token after the start token; a target prefix that does not begin with it comes behind it. */
    public static final Option<Integer> FORCED_BOS_TOKEN_ID = token("forced_bos_token_id");

    /** What the last token must be when the maximum length is reached. */
    public static final Option<List<Integer>> FORCED_EOS_TOKEN_ID =
            register("forced_eos_token_id", null, Option::tokens);

    /** Tokens that never come. */
    public static final Option<List<Integer>> SUPPRESS_TOKENS = register("suppress_tokens", null, Option::tokens);

    /** Tokens that do not come first. */
    public static final Option<List<Integer>> BEGIN_SUPPRESS_TOKENS =
            register("begin_suppress_tokens", null, Option::tokens);

    /**
     * Makes the probabilities of what may come sum to one again, after everything above. It matters to beams alone: one
     * token or a draw comes out the same.
     */
    public static final Option<Boolean> RENORMALIZE_LOGITS = register("renormalize_logits", false, Option::flag);

    /** Hypotheses to return for each source. */
    public static final Option<Integer> NUM_RETURN_SEQUENCES = integer("num_return_sequences", 1, 1, 1024);

    /** Groups of beams that are to differ (Vijayakumar et al., 2016); 1 is plain beam search. */
    public static final Option<Integer> NUM_BEAM_GROUPS = integer("num_beam_groups", 1, 1, 1024);

    /** What a token loses for each beam of an earlier group that takes it at the same place. */
    public static final Option<Double> DIVERSITY_PENALTY =
            number("diversity_penalty", 0.0, v -> v >= 0, "a number of at least 0");

    /** Draws tokens instead of taking the best. */
    public static final Option<Boolean> DO_SAMPLE = register("do_sample", false, Option::flag);

    /** Draws from this many best tokens; 0 is all. */
    public static final Option<Integer> TOP_K = integer("top_k", 50, 0, Integer.MAX_VALUE);

    /** Draws from the fewest tokens whose probabilities reach this sum; 1 is all. */
    public static final Option<Double> TOP_P = number("top_p", 1.0, v -> v >= 0 && v <= 1, "between 0 and 1");

    /** What logits are divided by before drawing. */
    public static final Option<Double> TEMPERATURE = number("temperature", 1.0, v -> v > 0, "greater than 0");

    /** Where the random numbers start. Not an argument of {@code generate()}, which has a global generator. */
    public static final Option<Long> SEED = register("seed", 0L, v -> integral(v, Long.MIN_VALUE, Long.MAX_VALUE));

    /** Tokens that end a hypothesis. */
    public static final Option<List<Integer>> EOS_TOKEN_ID = register("eos_token_id", null, Option::tokens);

    /** The token every target starts with. */
    public static final Option<Integer> DECODER_START_TOKEN_ID = token("decoder_start_token_id");

    /** Starts targets where {@link #DECODER_START_TOKEN_ID} is not given. */
    public static final Option<Integer> BOS_TOKEN_ID = token("bos_token_id");

    /** Fills up rows in other libraries; here it stands for what a finished group of diverse beams takes, and no more. */
    public static final Option<Integer> PAD_TOKEN_ID = token("pad_token_id");

    private final String name;
    private final @Nullable T otherwise;
    private final Function<Object, T> parser;

    private Option(String name, @Nullable T otherwise, Function<Object, T> parser) {
        this.name = name;
        this.otherwise = otherwise;
        this.parser = parser;
    }

    /** Every option, in the order above. */
    public static List<Option<?>> known() {
        return List.copyOf(KNOWN);
    }

    /** The option with this name, or null. */
    static @Nullable Option<?> named(String name) {
        return KNOWN.stream().filter(o -> o.name.equals(name)).findFirst().orElse(null);
    }

    /** The name as Hugging Face writes it: {@code num_beams}. */
    public String name() {
        return name;
    }

    /** The value when nobody gives one; null for none. */
    public @Nullable T otherwise() {
        return otherwise;
    }

    /**
     * Makes a value of what JSON or a command line gives, or checks one that is there.
     *
     * @throws IllegalArgumentException in one line, if it cannot be one
     */
    public T parse(Object value) {
        try {
            return parser.apply(value);
        } catch (IllegalArgumentException e) {
            String why = String.valueOf(e.getMessage());
            throw new IllegalArgumentException(why.startsWith(name) ? why : name + " must be " + why, e);
        }
    }

    @Override
    public String toString() {
        return name;
    }

    private static <T> Option<T> register(String name, @Nullable T otherwise, Function<Object, T> parser) {
        Option<T> option = new Option<>(name, otherwise, parser);
        KNOWN.add(option);
        return option;
    }

    private static Option<Integer> integer(String name, @Nullable Integer otherwise, int least, int most) {
        return register(name, otherwise, v -> (int) integral(v, least, most));
    }

    private static Option<Integer> token(String name) {
        return register(name, null, v -> (int) integral(v, 0, Integer.MAX_VALUE));
    }

    private static Option<Double> number(
            String name, Double otherwise, Function<Double, Boolean> allowed, String rule) {
        return register(name, otherwise, v -> {
            double d;
            try {
                d = v instanceof Number n ? n.doubleValue() : Double.parseDouble(v.toString());
            } catch (NumberFormatException e) {
                d = Double.NaN;
            }
            if (!Double.isFinite(d) || !allowed.apply(d)) {
                throw new IllegalArgumentException(rule + ", not " + v);
            }
            return d;
        });
    }

    private static long integral(Object v, long least, long most) {
        String rule = most == Integer.MAX_VALUE || most == Long.MAX_VALUE
                ? "a whole number" + (least == Long.MIN_VALUE ? "" : " of at least " + least)
                : "a whole number from " + least + " to " + most;
        long n;
        try {
            boolean real = v instanceof Double || v instanceof Float;
            double d = real ? ((Number) v).doubleValue() : 0;
            n = real && d == Math.rint(d) && Math.abs(d) < 1e15 ? (long) d : Long.parseLong(v.toString());
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException(rule + ", not " + v, e);
        }
        if (n < least || n > most) {
            throw new IllegalArgumentException(rule + ", not " + v);
        }
        return n;
    }

    private static boolean flag(Object v) {
        return switch (v.toString()) {
            case "true" -> true;
            case "false" -> false;
            default -> throw new IllegalArgumentException("true or false, not " + v);
        };
    }

    private static List<Integer> tokens(Object v) {
        List<?> all = v instanceof List<?> list ? list : List.of(v);
        return all.stream()
                .map(t -> (int) integral(t == null ? "null" : t, 0, Integer.MAX_VALUE))
                .toList();
    }

    private static List<List<Integer>> tokenLists(Object v) {
        if (!(v instanceof List<?> all)) {
            throw new IllegalArgumentException("a list of lists of token ids, not " + v);
        }
        return all.stream()
                .map(word -> {
                    if (!(word instanceof List<?> tokens) || tokens.isEmpty()) {
                        throw new IllegalArgumentException("a list of non-empty lists of token ids, not " + v);
                    }
                    return tokens(tokens);
                })
                .toList();
    }
}
