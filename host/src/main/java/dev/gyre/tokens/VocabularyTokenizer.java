package dev.gyre.tokens;

import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Tokens that spaces separate, looked up in vocabularies, as CTranslate2 takes its input: whoever uses such a model
 * cuts text into tokens beforehand. What is not in a vocabulary becomes its unknown token.
 *
 * @param source tokens of the source side
 * @param target tokens of the target side
 * @param before ids in front of a source text
 * @param after ids behind a source text
 * @param skipped ids that a text does not show
 */
public record VocabularyTokenizer(
        Vocabulary source, Vocabulary target, List<Integer> before, List<Integer> after, Set<Integer> skipped)
        implements Tokenizer {

    public VocabularyTokenizer {
        before = List.copyOf(before);
        after = List.copyOf(after);
        skipped = Set.copyOf(skipped);
    }

    @Override
    public int[] encode(String text) {
        List<String> tokens =
                Arrays.stream(text.split(" ")).filter(t -> !t.isEmpty()).toList();
        return Stream.of(ids(before), sourceIds(tokens), ids(after))
                .flatMapToInt(Arrays::stream)
                .toArray();
    }

    @Override
    public String decode(int[] ids) {
        return Arrays.stream(ids)
                .filter(id -> !skipped.contains(id))
                .mapToObj(target::token)
                .collect(Collectors.joining(" "));
    }

    @Override
    public int[] sourceIds(List<String> tokens) {
        return source.ids(tokens);
    }

    @Override
    public int[] targetIds(List<String> tokens) {
        return target.ids(tokens);
    }

    @Override
    public List<String> targetTokens(int[] ids) {
        return Arrays.stream(ids).mapToObj(target::token).toList();
    }

    /** Nothing to free. */
    @Override
    public void close() {}

    private static int[] ids(List<Integer> list) {
        return list.stream().mapToInt(Integer::intValue).toArray();
    }
}
