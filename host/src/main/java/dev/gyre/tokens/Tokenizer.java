package dev.gyre.tokens;

import java.util.List;

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
     * Source tokens → ids, one each: nothing is added. What is not in the vocabulary becomes the unknown token.
     *
     * @throws UnknownTokenException if a token is not in the vocabulary and there is no unknown token
     */
    int[] sourceIds(List<String> tokens);

    /** As {@link #sourceIds}, in the target vocabulary. */
    int[] targetIds(List<String> tokens);

    /** The tokens of target ids, special ones included. */
    List<String> targetTokens(int[] ids);

    /** Frees what is native. Using it afterwards is an error. */
    @Override
    void close();
}
