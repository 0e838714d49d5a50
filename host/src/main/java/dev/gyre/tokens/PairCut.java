package dev.gyre.tokens;

import dev.gyre.tokens.Tokenizer.Pair;
import java.util.stream.IntStream;

/** Cuts two texts to a length as Hugging Face's {@code longest_first} does. */
final class PairCut {

    private PairCut() {}

    /**
     * @param special 1 for tokens that stand around the texts
     * @param first tokens of the first text
     */
    static Pair to(int limit, int[] ids, long[] types, long[] special, int first) {
        int n = ids.length;
        int around = (int) IntStream.range(0, n).filter(i -> special[i] != 0).count();
        int second = n - around - first;
        int room = Math.max(0, limit - around);
        int keepFirst = first;
        int keepSecond = second;
        if (first + second > room) {
            int shorter = Math.min(first, second);
            int less = Math.min(shorter, room / 2);
            // Of two texts that are longer than the limit each, the reference sees none as the longer.
            boolean longer = Math.min(first, limit) > Math.min(second, limit);
            keepFirst = longer ? room - less : less;
            keepSecond = room - keepFirst;
        }
        int cutFirst = keepFirst;
        int cutSecond = keepSecond;
        int[] text = new int[n]; // how many tokens of the texts stand before
        for (int i = 1; i < n; i++) {
            text[i] = text[i - 1] + (special[i - 1] == 0 ? 1 : 0);
        }
        int[] kept = IntStream.range(0, n)
                .filter(i -> special[i] != 0 || (text[i] < first ? text[i] < cutFirst : text[i] - first < cutSecond))
                .toArray();
        return new Pair(
                IntStream.of(kept).map(i -> ids[i]).toArray(),
                IntStream.of(kept).map(i -> (int) types[i]).toArray(),
                n);
    }
}
