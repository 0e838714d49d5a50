package dev.gyre.decoding;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * How to generate: the options of Hugging Face {@code generate()} by their names ({@link Option}), each given, given as
 * "none", or left to the model and its defaults.
 *
 * <pre>{@code
 * GenerationOptions options = GenerationOptions.builder().numBeams(4).maxNewTokens(64).build();
 * }</pre>
 */
public final class GenerationOptions {

    /** Everything as the model says. */
    public static final GenerationOptions DEFAULTS = new GenerationOptions(Map.of(), new int[0], null, null, null);

    private final Map<Option<?>, Optional<Object>> values;
    private final int[] targetPrefix;
    private final @Nullable NextTokens nextTokens;
    private final @Nullable StopRule stopRule;
    private final @Nullable Boolean scores;

    private GenerationOptions(
            Map<Option<?>, Optional<Object>> values,
            int[] targetPrefix,
            @Nullable NextTokens nextTokens,
            @Nullable StopRule stopRule,
            @Nullable Boolean scores) {
        this.values = Map.copyOf(values);
        this.targetPrefix = targetPrefix;
        this.nextTokens = nextTokens;
        this.stopRule = stopRule;
        this.scores = scores;
    }

    public static Builder builder() {
        return new Builder();
    }

    /**
     * Options as a JSON object holds them, strictly: a null is "none", an option that would change the result and is
     * not known is an error that lists the known ones.
     *
     * @throws IllegalArgumentException in one line
     */
    public static GenerationOptions of(Map<String, ?> json) {
        ForeignOptions.Reading reading = ForeignOptions.read(json);
        if (!reading.unsupported().isEmpty()) {
            throw new IllegalArgumentException("unknown generation option " + String.join(", ", reading.unsupported())
                    + "; known are " + Option.known().stream().map(Option::name).collect(Collectors.joining(", ")));
        }
        return reading.options();
    }

    /** The value that was given, or the option's default; null where both are none. */
    @SuppressWarnings("unchecked")
    public <T> @Nullable T get(Option<T> option) {
        Optional<Object> given = values.get(option);
        return given == null || given.isEmpty() ? option.otherwise() : (T) given.get();
    }

    /** Whether the option was given, be it as "none". */
    public boolean has(Option<?> option) {
        return values.containsKey(option);
    }

    /** Tokens that every target of this request starts with, behind the start token. */
    public int[] targetPrefix() {
        return targetPrefix.clone();
    }

    /** Which tokens may come next; null for all. */
    public @Nullable NextTokens nextTokens() {
        return nextTokens;
    }

    /** When a hypothesis is finished beside its end tokens; null for never. */
    public @Nullable StopRule stopRule() {
        return stopRule;
    }

    /** Whether scores are wanted; see {@link Builder#scores}. */
    public boolean scores() {
        return scores == null || scores;
    }

    /**
     * These options, and where one is not given here, those. The prefix is the one given here, if any. A {@code
     * max_length} that is given here takes away a {@code max_new_tokens} of those, which would be stronger; {@code
     * min_length} likewise {@code min_new_tokens}.
     */
    public GenerationOptions or(GenerationOptions defaults) {
        if (equals(DEFAULTS)) {
            return defaults;
        }
        Map<Option<?>, Optional<Object>> all = new LinkedHashMap<>(defaults.values);
        removeOutdone(all);
        all.putAll(values);
        return new GenerationOptions(
                all,
                targetPrefix.length > 0 ? targetPrefix : defaults.targetPrefix,
                nextTokens != null ? nextTokens : defaults.nextTokens,
                stopRule != null ? stopRule : defaults.stopRule,
                scores != null ? scores : defaults.scores);
    }

    /** Of two options for one length the stronger one does not stay as a default when the weaker one is given. */
    private void removeOutdone(Map<Option<?>, Optional<Object>> defaults) {
        if (gives(Option.MAX_LENGTH)) {
            defaults.remove(Option.MAX_NEW_TOKENS);
        }
        if (gives(Option.MIN_LENGTH)) {
            defaults.remove(Option.MIN_NEW_TOKENS);
        }
    }

    /** Whether the option was given, and not as "none". */
    private boolean gives(Option<?> option) {
        return values.getOrDefault(option, Optional.empty()).isPresent();
    }

    /** These options with some others, to change. */
    public Builder toBuilder() {
        Builder b = new Builder();
        b.values.putAll(values);
        b.targetPrefix = targetPrefix;
        b.nextTokens = nextTokens;
        b.stopRule = stopRule;
        b.scores = scores;
        return b;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof GenerationOptions o
                && values.equals(o.values)
                && Arrays.equals(targetPrefix, o.targetPrefix)
                && nextTokens == o.nextTokens
                && stopRule == o.stopRule
                && Objects.equals(scores, o.scores);
    }

    @Override
    public int hashCode() {
        return Objects.hash(values, Arrays.hashCode(targetPrefix), nextTokens, stopRule, scores);
    }

    /** The options that were given, by name. */
    @Override
    public String toString() {
        String given = Option.known().stream()
                .filter(values::containsKey)
                .map(o -> o.name() + "=" + values.get(o).map(Object::toString).orElse("none"))
                .collect(Collectors.joining(", "));
        return targetPrefix.length == 0 ? given : given + ", target_prefix=" + Arrays.toString(targetPrefix);
    }

    /** Collects options; each is checked when it is set. */
    public static final class Builder {

        private final Map<Option<?>, Optional<Object>> values = new LinkedHashMap<>();
        private int[] targetPrefix = new int[0];
        private @Nullable NextTokens nextTokens;
        private @Nullable StopRule stopRule;
        private @Nullable Boolean scores;

        private Builder() {}

        /** Any option. */
        public <T> Builder set(Option<T> option, T value) {
            values.put(option, Optional.of(Objects.requireNonNull(option.parse(value))));
            return this;
        }

        /** Any option, its value as text or as JSON gives it. */
        public Builder parse(Option<?> option, Object value) {
            values.put(option, Optional.of(Objects.requireNonNull(option.parse(value))));
            return this;
        }

        /** Takes an option that the model would set away. */
        public Builder none(Option<?> option) {
            values.put(option, Optional.empty());
            return this;
        }

        public Builder numBeams(int beams) {
            return set(Option.NUM_BEAMS, beams);
        }

        public Builder maxNewTokens(int tokens) {
            return set(Option.MAX_NEW_TOKENS, tokens);
        }

        public Builder maxLength(int tokens) {
            return set(Option.MAX_LENGTH, tokens);
        }

        public Builder minNewTokens(int tokens) {
            return set(Option.MIN_NEW_TOKENS, tokens);
        }

        public Builder minLength(int tokens) {
            return set(Option.MIN_LENGTH, tokens);
        }

        public Builder lengthPenalty(double exponent) {
            return set(Option.LENGTH_PENALTY, exponent);
        }

        /** Diverse beams: groups that are searched one after the other, each kept from what the earlier ones took. */
        public Builder numBeamGroups(int groups) {
            return set(Option.NUM_BEAM_GROUPS, groups);
        }

        public Builder diversityPenalty(double penalty) {
            return set(Option.DIVERSITY_PENALTY, penalty);
        }

        public Builder earlyStopping(EarlyStopping when) {
            return set(Option.EARLY_STOPPING, when);
        }

        public Builder noRepeatNgramSize(int tokens) {
            return set(Option.NO_REPEAT_NGRAM_SIZE, tokens);
        }

        public Builder repetitionPenalty(double factor) {
            return set(Option.REPETITION_PENALTY, factor);
        }

        public Builder badWordsIds(List<List<Integer>> words) {
            return set(Option.BAD_WORDS_IDS, words);
        }

        public Builder forcedBosTokenId(int token) {
            return set(Option.FORCED_BOS_TOKEN_ID, token);
        }

        public Builder forcedEosTokenId(int token) {
            return set(Option.FORCED_EOS_TOKEN_ID, List.of(token));
        }

        public Builder eosTokenIds(List<Integer> tokens) {
            return set(Option.EOS_TOKEN_ID, tokens);
        }

        public Builder decoderStartTokenId(int token) {
            return set(Option.DECODER_START_TOKEN_ID, token);
        }

        public Builder suppressTokens(List<Integer> tokens) {
            return set(Option.SUPPRESS_TOKENS, tokens);
        }

        public Builder numReturnSequences(int hypotheses) {
            return set(Option.NUM_RETURN_SEQUENCES, hypotheses);
        }

        public Builder doSample(boolean sample) {
            return set(Option.DO_SAMPLE, sample);
        }

        public Builder topK(int tokens) {
            return set(Option.TOP_K, tokens);
        }

        public Builder topP(double probability) {
            return set(Option.TOP_P, probability);
        }

        public Builder temperature(double divisor) {
            return set(Option.TEMPERATURE, divisor);
        }

        public Builder seed(long start) {
            return set(Option.SEED, start);
        }

        /**
         * Token ids that the target must start with, behind the start token and behind {@link
         * Option#FORCED_BOS_TOKEN_ID}, a language say, if they do not begin with that themselves.
         */
        public Builder targetPrefix(int... tokens) {
            for (int t : tokens) {
                if (t < 0) {
                    throw new IllegalArgumentException("a target prefix has token ids, not " + t);
                }
            }
            targetPrefix = tokens.clone();
            return this;
        }

        /** Which tokens may come next, hypothesis by hypothesis. */
        public Builder nextTokens(NextTokens rule) {
            nextTokens = rule;
            return this;
        }

        /** Only these tokens, ever; the end token should be among them. */
        public Builder allowedTokenIds(int... tokens) {
            int[] allowed = tokens.clone();
            return nextTokens(_ -> allowed);
        }

        /** When a hypothesis is finished beside its end tokens. */
        public Builder stopWhen(StopRule rule) {
            stopRule = rule;
            return this;
        }

        /**
         * Whether scores are wanted; they are, if nothing is said. Without them a greedy search need not know how
         * probable its tokens are, which saves computing most of the logits on some devices. It finds the same tokens, and
         * its scores are NaN. Other searches need the probabilities themselves and have their scores all the same.
         */
        public Builder scores(boolean wanted) {
            scores = wanted;
            return this;
        }

        public GenerationOptions build() {
            return new GenerationOptions(values, targetPrefix, nextTokens, stopRule, scores);
        }
    }
}
