package dev.gyre;

import java.util.List;

/**
 * What a decoder-only model made of a prompt.
 *
 * @param text generated text, without the prompt
 * @param tokens generated tokens, without end token
 * @param ids their ids
 * @param tokenScores the logarithm of the probability of every generated token; of the end token too, if it came
 * @param score the logarithm of the probability over {@code generated tokens ^ length_penalty}; higher is better; NaN of a
 *     greedy search that was told to leave scores away
 * @param ended whether an end token came; otherwise the length or a rule was reached
 * @param alternatives the next best, where {@code num_return_sequences} asks for more than one
 */
public record Generation(
        String text,
        List<String> tokens,
        List<Integer> ids,
        List<Float> tokenScores,
        float score,
        boolean ended,
        List<Generation> alternatives) {

    public Generation {
        tokens = List.copyOf(tokens);
        ids = List.copyOf(ids);
        tokenScores = List.copyOf(tokenScores);
        alternatives = List.copyOf(alternatives);
    }
}
