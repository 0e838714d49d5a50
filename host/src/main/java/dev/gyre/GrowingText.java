package dev.gyre;

import dev.gyre.tokens.Tokenizer;
import java.util.Arrays;

/** The text of tokens that come one by one: what each adds, as soon as it is whole characters. */
final class GrowingText {

    private static final String UNFINISHED = "\uFFFD";

    private final Tokenizer tokenizer;
    private int[] ids = new int[16];
    private int count;
    private String text = "";

    GrowingText(Tokenizer tokenizer) {
        this.tokenizer = tokenizer;
    }

    /** What a token adds to the text; empty where its character is not whole yet. */
    String add(int id) {
        if (count == ids.length) {
            ids = Arrays.copyOf(ids, 2 * count);
        }
        ids[count++] = id;
        String now = tokenizer.decode(Arrays.copyOf(ids, count));
        if (now.endsWith(UNFINISHED)) {
            return "";
        }
        return grownTo(now);
    }

    /** What was held back. */
    String end() {
        return grownTo(tokenizer.decode(Arrays.copyOf(ids, count)));
    }

    private String grownTo(String now) {
        // Some decoders change what is before: only what is new at the end can still be told.
        String added = now.length() > text.length() ? now.substring(text.length()) : "";
        text = now;
        return added;
    }
}
