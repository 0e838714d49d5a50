package dev.gyre.cli;

import dev.gyre.decoding.GenerationOptions;
import dev.gyre.decoding.Option;
import dev.gyre.models.ModelDirectory;
import dev.gyre.tokens.Tokenizer;
import dev.gyre.tokens.UnknownTokenException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/**
 * The options of Hugging Face {@code generate()}, by their names with dashes. What is not given is as the model's
 * {@code generation_config.json} says.
 */
final class GenerationArguments {

    private final GenerationOptions.Builder builder = GenerationOptions.builder();
    private final Map<String, String> given = new TreeMap<>();
    private @Nullable String forcedBegin;
    private @Nullable String targetPrefix;

    @Spec(Spec.Target.MIXEE)
    private @Nullable CommandSpec spec;

    @CommandLine.Option(names = "--num-beams", paramLabel = "N", description = "Beams; 1 is greedy.")
    private void numBeams(String value) {
        set(Option.NUM_BEAMS, value);
    }

    @CommandLine.Option(
            names = "--num-beam-groups",
            paramLabel = "N",
            description = "Diverse beams: groups of beams that are to differ; must divide --num-beams.")
    private void numBeamGroups(String value) {
        set(Option.NUM_BEAM_GROUPS, value);
    }

    @CommandLine.Option(
            names = "--diversity-penalty",
            paramLabel = "X",
            description = "What a token loses for each beam of an earlier group that takes it at the same place.")
    private void diversityPenalty(String value) {
        set(Option.DIVERSITY_PENALTY, value);
    }

    @CommandLine.Option(
            names = "--max-new-tokens",
            paramLabel = "N",
            description = "Tokens to generate at most, the end token included.")
    private void maxNewTokens(String value) {
        set(Option.MAX_NEW_TOKENS, value);
    }

    @CommandLine.Option(
            names = "--min-new-tokens",
            paramLabel = "N",
            description = "Tokens to generate before the end token may come.")
    private void minNewTokens(String value) {
        set(Option.MIN_NEW_TOKENS, value);
    }

    @CommandLine.Option(
            names = "--length-penalty",
            paramLabel = "X",
            description = "Exponent of the length that a hypothesis' log-probability is divided by.")
    private void lengthPenalty(String value) {
        set(Option.LENGTH_PENALTY, value);
    }

    @CommandLine.Option(
            names = "--early-stopping",
            paramLabel = "true|false|never",
            description = "When beam search ends: with as many finished hypotheses as beams; when none is likely to"
                    + " become better; when none can.")
    private void earlyStopping(String value) {
        set(Option.EARLY_STOPPING, value);
    }

    @CommandLine.Option(
            names = "--no-repeat-ngram-size",
            paramLabel = "N",
            description = "N-grams of this many tokens come only once; 0 is off.")
    private void noRepeatNgramSize(String value) {
        set(Option.NO_REPEAT_NGRAM_SIZE, value);
    }

    @CommandLine.Option(
            names = "--repetition-penalty",
            paramLabel = "X",
            description = "Tokens that were there lose by this factor; 1 is off.")
    private void repetitionPenalty(String value) {
        set(Option.REPETITION_PENALTY, value);
    }

    @CommandLine.Option(
            names = "--num-return-sequences",
            paramLabel = "N",
            description = "Hypotheses for each sentence, best first.")
    private void numReturnSequences(String value) {
        set(Option.NUM_RETURN_SEQUENCES, value);
    }

    @CommandLine.Option(
            names = "--forced-bos-token",
            paramLabel = "TOKEN",
            description = "The first token of every target: as the vocabulary has it, or its id.")
    private void forcedBosToken(String value) {
        given.put("--forced-bos-token", value);
        forcedBegin = value;
    }

    @CommandLine.Option(
            names = "--target-prefix",
            paramLabel = "TEXT",
            description = "Every target begins with this; the rest is generated.")
    private void targetPrefix(String value) {
        given.put("--target-prefix", value);
        targetPrefix = value;
    }

    @CommandLine.Option(names = "--do-sample", description = "Draw tokens instead of taking the best.")
    private void doSample(boolean value) {
        set(Option.DO_SAMPLE, Boolean.toString(value));
    }

    @CommandLine.Option(names = "--top-k", paramLabel = "N", description = "Draw from this many best tokens; 0 is all.")
    private void topK(String value) {
        set(Option.TOP_K, value);
    }

    @CommandLine.Option(
            names = "--top-p",
            paramLabel = "X",
            description = "Draw from the fewest tokens whose probabilities reach this sum; 1 is all.")
    private void topP(String value) {
        set(Option.TOP_P, value);
    }

    @CommandLine.Option(
            names = "--temperature",
            paramLabel = "X",
            description = "What logits are divided by before drawing.")
    private void temperature(String value) {
        set(Option.TEMPERATURE, value);
    }

    @CommandLine.Option(names = "--seed", paramLabel = "N", description = "Where the random numbers start.")
    private void seed(String value) {
        set(Option.SEED, value);
    }

    private void set(Option<?> option, String value) {
        String name = dashed(option);
        try {
            builder.parse(option, value);
        } catch (IllegalArgumentException e) {
            String message = Failure.oneLine(e.getMessage()).replace(option.name(), name);
            if (spec == null) {
                throw e;
            }
            throw new ParameterException(spec.commandLine(), message, e);
        }
        given.put(name, value);
    }

    private static String dashed(Option<?> option) {
        return "--" + option.name().replace('_', '-');
    }

    /** A message about generation options with the names that they have on this command line. */
    static String inDashes(String message) {
        String text = message;
        for (Option<?> option : Option.known()) {
            text = text.replaceAll("\\b" + option.name() + "\\b", dashed(option));
        }
        return text;
    }

    /** What was given, by the names that the user knows. */
    Map<String, String> given() {
        return Map.copyOf(given);
    }

    /** The options that need no model to be understood. */
    GenerationOptions options() {
        return builder.build();
    }

    /** Adds those that name a token of the model's target vocabulary. */
    GenerationOptions with(GenerationOptions options, ModelDirectory model) {
        GenerationOptions.Builder all = options.toBuilder();
        if (forcedBegin != null) {
            all.forcedBosTokenId(id(forcedBegin, model));
        }
        if (targetPrefix != null) {
            all.targetPrefix(prefix(targetPrefix, model));
        }
        return all.build();
    }

    /** Without what stands around a whole text. */
    private static int[] prefix(String text, ModelDirectory model) {
        Tokenizer tokenizer = model.tokenizer()
                .orElseThrow(() -> new UserException("--target-prefix: " + model.path() + " has no tokenizer files"));
        try {
            return Arrays.stream(tokenizer.encodeTarget(text))
                    .filter(id -> !tokenizer.isSpecial(id))
                    .toArray();
        } catch (UnknownTokenException e) {
            throw new UserException("--target-prefix: " + Failure.oneLine(e.getMessage()), e);
        }
    }

    private static int id(String token, ModelDirectory model) {
        Integer id = model.tokenizer().map(tokenizer -> find(token, tokenizer)).orElse(null);
        if (id != null) {
            return id;
        }
        int size = Objects.requireNonNull(model.transformer().output(), "a model that generates has an output layer")
                .outputs();
        try {
            id = Integer.parseInt(token);
        } catch (NumberFormatException e) {
            // Not a number, or too large a one.
        }
        if (id == null || id < 0 || id >= size) {
            throw new UserException("--forced-bos-token: \"" + token + "\" is not in the target vocabulary of "
                    + model.path() + " and no id of it; ids go from 0 to " + (size - 1));
        }
        return id;
    }

    /** The id of a token that is in the vocabulary; null for another. */
    private static @Nullable Integer find(String token, Tokenizer tokenizer) {
        try {
            int id = tokenizer.targetIds(List.of(token))[0];
            return tokenizer.targetTokens(new int[] {id}).getFirst().equals(token) ? id : null;
        } catch (UnknownTokenException e) {
            return null;
        }
    }
}
