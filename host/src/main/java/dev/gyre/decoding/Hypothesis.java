package dev.gyre.decoding;

import java.util.Arrays;

/**
 * A target that a search found.
 *
 * @param sequence all tokens as {@code generate()} returns them: start token, prefix, generated tokens, end token
 * @param prompt how many of them are the start token and the prefix
 * @param score the logarithm of its probability over {@code generated tokens ^ length_penalty}; NaN of a greedy search
 *     that was told to leave scores away ({@link GenerationOptions.Builder#scores})
 * @param ended whether the last token is an end token
 * @param tokenScores the logarithm of the probability of every token behind the prompt, end token included, as the search
 *     saw it: after penalties and bans; 0 where a token was forced. {@code score} is their sum over
 *     {@code generated tokens ^ length_penalty}; NaN where scores were left away
 */
public record Hypothesis(int[] sequence, int prompt, float score, boolean ended, float[] tokenScores) {

    /** Prefix and generated tokens: the sequence without start and end token. */
    public int[] tokens() {
        return Arrays.copyOfRange(sequence, 1, sequence.length - (ended ? 1 : 0));
    }

    /** Generated tokens alone: the sequence behind the prompt, without end token. */
    public int[] generated() {
        return Arrays.copyOfRange(sequence, prompt, sequence.length - (ended && sequence.length > prompt ? 1 : 0));
    }
}
