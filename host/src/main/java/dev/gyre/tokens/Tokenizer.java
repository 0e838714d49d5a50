package dev.gyre.tokens;

import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Text and tokens ↔ the ids of a model. Safe for many threads. */
public interface Tokenizer extends AutoCloseable {

    /**
     * Source text → ids, with everything that the model expects around them (an end token, say). Invalid surrogates
     * count as U+FFFD.
     */
    int[] encode(String text);

    /** Target ids → text. Special tokens (start, end, padding, unknown) are left out. */
    String decode(int[] ids);

    /**
     * Two texts as one sequence.
     *
     * @param types token types, one each
     * @param length tokens before anything was cut
     */
    record Pair(int[] ids, int[] types, int length) {}

    /**
     * Two texts → ids, with everything that the model expects around and between them. Where they have more than {@code
     * limit} tokens together, the longer of the two loses its last tokens until they fit.
     *
     * @throws IllegalArgumentException if this tokenizer has no rule for pairs
     */
    default Pair encodePair(String first, String second, int limit) {
        throw new IllegalArgumentException("the model's tokenizer files do not say how two texts stand together;"
                + " tokenizer.json would: in Python, AutoTokenizer.from_pretrained(folder).save_pretrained(folder)"
                + " writes it");
    }

    /**
     * Source tokens → ids, one each: nothing is added. What is not in the vocabulary becomes the unknown token.
     *
     * @throws UnknownTokenException if a token is not in the vocabulary and there is no unknown token
     */
    int[] sourceIds(List<String> tokens);

    /** As {@link #sourceIds}, in the target vocabulary. */
    int[] targetIds(List<String> tokens);

    /** The tokens of target ids, special ones included. */
    List<String> targetTokens(int[] ids);

    /**
     * Target text → ids, with everything that the model writes around them (an end token, say). Of a model that needs the
     * language of a text ({@link #languages}) the text alone: which language it is, nobody says here; {@link
     * #encode(String, String)} puts it and the end token around.
     */
    default int[] encodeTarget(String text) {
        return encode(text);
    }

    /**
     * As {@link #encodeTarget(String)}, with the language that a model with language codes needs.
     *
     * @throws IllegalArgumentException if the model does not know the language, or needs one and there is none
     */
    default int[] encodeTarget(String text, @Nullable String language) {
        if (language == null && !languages().isEmpty()) {
            throw new IllegalArgumentException(
                    "this model needs the language of a target: set the target language (--target-lang), one of "
                            + String.join(", ", languages().stream().sorted().toList()));
        }
        return language == null ? encodeTarget(text) : encode(text, language);
    }

    /**
     * Ids that stand around every text.
     *
     * @param front in front of it
     * @param behind behind it
     */
    record Around(int front, int behind) {}

    /** How many ids {@link #encode(String)}, or {@link #encode(String, String)}, puts around a text. */
    default Around around() {
        return new Around(0, 0);
    }

    /**
     * Ids of a text from {@link #encode(String)} or {@link #encode(String, String)}, {@code limit} at most: the text loses
     * its last tokens, and what stands around it stays.
     */
    default int[] truncate(int[] ids, int limit) {
        Around around = around();
        int kept = Math.max(limit, around.front + around.behind);
        if (ids.length <= kept) {
            return ids;
        }
        int[] cut = Arrays.copyOf(ids, kept);
        System.arraycopy(ids, ids.length - around.behind, cut, kept - around.behind, around.behind);
        return cut;
    }

    /**
     * As {@link #encode(String)}, of a text in a language that the model has a code for.
     *
     * @throws IllegalArgumentException if the model does not know the language, or any
     */
    default int[] encode(String text, String language) {
        languageId(language);
        return encode(text);
    }

    /** The tokens of source ids, special ones included. */
    default List<String> sourceTokens(int[] ids) {
        return targetTokens(ids);
    }

    /** Whether an id stands for no piece of text: start, end, padding, a language. The unknown token does. */
    default boolean isSpecial(int id) {
        return decode(new int[] {id}).isEmpty();
    }

    /** The codes of the languages between which the model translates; none for models without such codes. */
    default Set<String> languages() {
        return Set.of();
    }

    /**
     * The id of a language's token, which a target in this language begins with.
     *
     * @throws IllegalArgumentException if the model does not know the language, or any
     */
    default int languageId(String code) {
        throw new IllegalArgumentException(
                "this model has no language codes; \"" + code + "\" cannot be chosen as source or target language");
    }

    /** Whether a target's language is its start token (the first mBART), not the first token behind it. */
    default boolean languageStarts() {
        return false;
    }

    /** Frees what is native. Using it afterwards is an error. */
    @Override
    void close();
}
