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
 * @param end ids behind a target text
 * @param skipped ids that a text does not show
 */
public record VocabularyTokenizer(
        Vocabulary source,
        Vocabulary target,
        List<Integer> before,
        List<Integer> after,
        List<Integer> end,
        Set<Integer> skipped)
        implements Tokenizer {

    public VocabularyTokenizer {
        before = List.copyOf(before);
        after = List.copyOf(after);
        end = List.copyOf(end);
        skipped = Set.copyOf(skipped);
    }

    @Override
    public int[] encode(String text) {
        return join(ids(before), sourceIds(tokens(text)), ids(after));
    }

    @Override
    public int[] encodeTarget(String text) {
        return join(targetIds(tokens(text)), ids(end));
    }

    @Override
    public Around around() {
        return new Around(before.size(), after.size());
    }

    private static List<String> tokens(String text) {
        return Arrays.stream(text.split(" ")).filter(t -> !t.isEmpty()).toList();
    }

    private static int[] join(int[]... parts) {
        return Stream.of(parts).flatMapToInt(Arrays::stream).toArray();
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
