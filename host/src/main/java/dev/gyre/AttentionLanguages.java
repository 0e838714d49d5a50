package dev.gyre;

import org.jspecify.annotations.Nullable;

/**
 * The languages of an {@link Attention}, by the codes of a many-to-many model: {@code eng_Latn}, {@code en_XX}, {@code en}.
 *
 * @param source of the text; null for the one the tokenizer's files name, or none
 * @param target of the target; null likewise
 */
public record AttentionLanguages(
        @Nullable String source, @Nullable String target) {

    /** No codes. */
    public static final AttentionLanguages NONE = new AttentionLanguages(null, null);
}
