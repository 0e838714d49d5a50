package dev.gyre.decoding;

/**
 * The logits processors of {@code generate()} for one sentence, as edits of its rows and in its order: repetition
 * penalties, n-grams, bad words, lengths, suppressed tokens. Forced tokens are not here: see
 * {@link SearchSettings#forced}.
 */
final class Processors {

    private final SearchSettings settings;
    private final int[] source;
    private final int vocabulary;

    Processors(SearchSettings settings, int[] source, int vocabulary) {
        this.settings = settings;
        this.source = source;
        this.vocabulary = vocabulary;
    }

    /** Adds the edits of the row that continues the first {@code length} tokens of a sequence. */
    void edit(int[] sequence, int length, Edits edits) {
        if (settings.encoderRepetitionPenalty() != 1) {
            float inverse = (float) (1 / settings.encoderRepetitionPenalty());
            for (int token : source) {
                if (token < vocabulary) {
                    edits.penaliseSource(token, inverse);
                }
            }
        }
        if (settings.repetitionPenalty() != 1) {
            float penalty = (float) settings.repetitionPenalty();
            for (int i = 0; i < length; i++) {
                edits.penalisePast(sequence[i], penalty);
            }
        }
        int n = settings.noRepeatNgramSize();
        if (n > 0) {
            banNgrams(sequence, length, sequence, length, n, edits);
        }
        int m = settings.encoderNoRepeatNgramSize();
        if (m > 0) {
            banNgrams(source, source.length, sequence, length, m, edits);
        }
        for (int[] word : settings.badWords()) {
            if (completes(word, sequence, length)) {
                edits.ban(word[word.length - 1]);
            }
        }
        if (length < settings.minLength()) {
            for (int end : settings.endTokens()) {
                edits.ban(end);
            }
        }
        for (int token : settings.suppress()) {
            edits.ban(token);
        }
        if (length == beginsAt()) {
            for (int token : settings.suppressFirst()) {
                edits.ban(token);
            }
        }
    }

    /** Whether a token cannot come at this length although it is forced: suppression is the last word. */
    boolean suppressed(int token, int length) {
        return contains(settings.suppress(), token)
                || length == beginsAt() && contains(settings.suppressFirst(), token);
    }

    private int beginsAt() {
        int prompt = settings.prompt().length;
        return prompt > 1 || settings.forcedFirst() < 0 ? prompt : prompt + 1;
    }

    /** Bans what would complete an n-gram that is in {@code seen}. */
    private void banNgrams(int[] seen, int seenLength, int[] sequence, int length, int n, Edits edits) {
        if (length < n - 1) {
            return;
        }
        int suffix = length - (n - 1);
        for (int start = 0; start + n <= seenLength; start++) {
            int i = 0;
            while (i < n - 1 && seen[start + i] == sequence[suffix + i]) {
                i++;
            }
            int last = seen[start + n - 1];
            if (i == n - 1 && last < vocabulary) {
                edits.ban(last);
            }
        }
    }

    private static boolean completes(int[] word, int[] sequence, int length) {
        int prefix = word.length - 1;
        if (prefix > length) {
            return false;
        }
        for (int i = 0; i < prefix; i++) {
            if (sequence[length - prefix + i] != word[i]) {
                return false;
            }
        }
        return true;
    }

    private static boolean contains(int[] tokens, int token) {
        for (int t : tokens) {
            if (t == token) {
                return true;
            }
        }
        return false;
    }
}
