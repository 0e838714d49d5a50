package dev.gyre;

import java.util.List;

/**
 * How probable a text is.
 *
 * @param tokens those whose probability was asked for, end token included
 * @param logProbabilities natural logarithms, one for each token
 */
public record Score(List<String> tokens, List<Float> logProbabilities) {

    public Score {
        tokens = List.copyOf(tokens);
        logProbabilities = List.copyOf(logProbabilities);
    }

    /** The logarithm of the probability of all tokens. */
    public double total() {
        return logProbabilities.stream().mapToDouble(Float::doubleValue).sum();
    }

    /** {@code exp(-total / tokens)}; 1 is certain. Not a number where there are no tokens. */
    public double perplexity() {
        return Math.exp(-total() / tokens.size());
    }
}
