package dev.gyre;

import java.util.List;

/**
 * A translated text.
 *
 * @param text what the tokens say
 * @param tokens prefix and generated tokens, without start and end token
 * @param score the logarithm of the probability over {@code generated tokens ^ length_penalty}; higher is better; NaN of a
 *     greedy search that was told to leave scores away
 * @param alternatives the next best, where {@code num_return_sequences} asks for more than one
 */
public record Translation(String text, List<String> tokens, float score, List<Translation> alternatives) {

    /** What becomes of a text with nothing in it. */
    public static final Translation EMPTY = new Translation("", List.of(), 0, List.of());

    public Translation {
        tokens = List.copyOf(tokens);
        alternatives = List.copyOf(alternatives);
    }
}
