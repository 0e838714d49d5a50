package dev.gyre.tokens;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How a family numbers the pieces of its SentencePiece model, and what it puts around a text.
 *
 * @param idOfPiece id of every piece by its number, -1 for pieces that are never used
 * @param special tokens that stand for themselves where they are written out in a text
 * @param front in front of every text
 * @param behind behind every text
 */
record PieceLayout(
        int[] idOfPiece,
        Map<String, Integer> special,
        int unknown,
        List<Integer> front,
        List<Integer> behind,
        @Nullable Languages languages,
        int end) {

    /** T5: piece numbers are ids; a hundred (or so) {@code <extra_id_n>} behind them, counted down; {@code </s>} ends. */
    static PieceLayout t5(List<String> pieces, int extra) {
        Map<String, Integer> special = found(pieces, 0, "<pad>", "</s>", "<unk>");
        for (int i = 0; i < extra; i++) {
            special.put("<extra_id_" + i + ">", pieces.size() + extra - 1 - i);
        }
        int end = special.getOrDefault("</s>", 1);
        return new PieceLayout(
                shifted(pieces.size(), 0),
                special,
                special.getOrDefault("<unk>", 2),
                List.of(),
                List.of(end),
                null,
                end);
    }

    /** Pegasus: {@code <pad>} and {@code </s>} first, then masks and unused tokens, then the pieces. */
    static PieceLayout pegasus(List<String> pieces, int offset) {
        int[] ids = shifted(pieces.size(), offset);
        ids[0] = 0;
        ids[1] = 1;
        Map<String, Integer> special = new LinkedHashMap<>(Map.of("<pad>", 0, "</s>", 1));
        special.put("<mask_1>", 2);
        special.put("<mask_2>", 3);
        return new PieceLayout(ids, special, 2 + offset, List.of(), List.of(1), null, 1);
    }

    /** Llama: piece numbers are ids. */
    static PieceLayout llama(List<String> pieces, boolean begins, boolean ends) {
        Map<String, Integer> special = found(pieces, 0, "<unk>", "<s>", "</s>");
        int begin = special.getOrDefault("<s>", 1);
        int end = special.getOrDefault("</s>", 2);
        return new PieceLayout(
                shifted(pieces.size(), 0),
                special,
                special.getOrDefault("<unk>", 0),
                begins ? List.of(begin) : List.of(),
                ends ? List.of(end) : List.of(),
                null,
                end);
    }

    /**
     * XLM-RoBERTa and mBART, as fairseq numbers: {@code <s> <pad> </s> <unk>}, then the pieces but for the three that
     * they begin with, then language codes, then {@code <mask>}.
     */
    static PieceLayout fairseq(List<String> pieces, List<String> codes, boolean inFront) {
        int[] ids = shifted(pieces.size(), 1);
        Map<String, Integer> special = fairseqSpecial();
        renumber(pieces, ids, special);
        int next = pieces.size() + 1;
        for (String code : codes) {
            special.put(code, next++);
        }
        special.put("<mask>", next);
        Languages languages = Languages.among(special, inFront).orElse(null);
        return new PieceLayout(ids, special, 3, languages == null ? List.of(0) : List.of(), List.of(2), languages, 2);
    }

    /** M2M-100: {@code vocab.json} numbers the pieces, language codes follow. */
    static PieceLayout m2m(List<String> pieces, Vocabulary vocabulary, int known, List<String> codes) {
        int unknown = vocabulary.unknownId().orElse(3);
        int[] ids = new int[pieces.size()];
        for (int i = 0; i < ids.length; i++) {
            ids[i] = vocabulary.find(pieces.get(i)).orElse(unknown);
        }
        Map<String, Integer> special = fairseqSpecial();
        int next = known;
        for (String code : codes) {
            special.put(code, next++);
        }
        return new PieceLayout(
                ids,
                special,
                unknown,
                List.of(),
                List.of(2),
                Languages.among(special, true).orElse(null),
                2);
    }

    private static Map<String, Integer> fairseqSpecial() {
        Map<String, Integer> special = new LinkedHashMap<>();
        for (String token : List.of("<s>", "<pad>", "</s>", "<unk>")) {
            special.put(token, special.size());
        }
        return special;
    }

    private static void renumber(List<String> pieces, int[] ids, Map<String, Integer> special) {
        for (int i = 0; i < ids.length; i++) {
            ids[i] = special.getOrDefault(pieces.get(i), ids[i]);
        }
    }

    private static Map<String, Integer> found(List<String> pieces, int offset, String... tokens) {
        Map<String, Integer> found = new LinkedHashMap<>();
        for (String token : tokens) {
            int at = pieces.indexOf(token);
            if (at >= 0) {
                found.put(token, at + offset);
            }
        }
        return found;
    }

    private static int[] shifted(int pieces, int by) {
        int[] ids = new int[pieces];
        for (int i = 0; i < pieces; i++) {
            ids[i] = i + by;
        }
        return ids;
    }
}
