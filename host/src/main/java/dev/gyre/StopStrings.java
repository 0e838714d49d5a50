package dev.gyre;

import dev.gyre.decoding.StopRule;
import dev.gyre.tokens.Tokenizer;
import java.util.Arrays;
import java.util.List;

/**
 * Ends a hypothesis as soon as what was generated has one of some strings in it: {@code stop_strings} of
 * {@code generate()}. The text keeps the string.
 */
public final class StopStrings implements StopRule {

    private final Tokenizer tokenizer;
    private final List<String> strings;

    /** @throws IllegalArgumentException if a string is empty */
    public StopStrings(Tokenizer tokenizer, List<String> strings) {
        if (strings.stream().anyMatch(String::isEmpty)) {
            throw new IllegalArgumentException("a stop string cannot be empty");
        }
        this.tokenizer = tokenizer;
        this.strings = List.copyOf(strings);
    }

    @Override
    public boolean stops(int[] sequence, int prompt) {
        if (sequence.length <= prompt) {
            return false;
        }
        String text = tokenizer.decode(Arrays.copyOfRange(sequence, prompt, sequence.length));
        return strings.stream().anyMatch(text::contains);
    }
}
