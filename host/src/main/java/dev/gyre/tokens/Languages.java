package dev.gyre.tokens;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The language codes of a many-to-many model: {@code en_XX} (mBART), {@code eng_Latn} (NLLB), {@code en} (M2M-100, whose
 * token is {@code __en__}).
 *
 * @param ids code → id of its token
 * @param inFront the source's code stands in front of the text, the end token behind it; otherwise both stand behind, the
 *     end token first (the first mBART)
 */
record Languages(Map<String, Integer> ids, boolean inFront) {

    private static final Pattern CODE =
            Pattern.compile("__([a-z]{2,3})__|([a-z]{2,3}_[A-Z]{2}|[a-z]{3}_[A-Z][a-z]{3})");

    /** The code that a token stands for, if it does. */
    static Optional<String> code(String token) {
        Matcher m = CODE.matcher(token);
        if (!m.matches()) {
            return Optional.empty();
        }
        return Optional.of(m.group(1) == null ? m.group(2) : m.group(1));
    }

    /** Those of some tokens that are language codes; empty unless there are two at least. */
    static Optional<Languages> among(Map<String, Integer> tokens, boolean inFront) {
        Map<String, Integer> codes = new LinkedHashMap<>();
        tokens.forEach((token, id) -> code(token).ifPresent(c -> codes.put(c, id)));
        return codes.size() < 2 ? Optional.empty() : Optional.of(new Languages(codes, inFront));
    }

    int id(String code) {
        Integer id = ids.get(code);
        if (id == null) {
            throw new IllegalArgumentException("\"" + code + "\" is not a language of this model; its " + ids.size()
                    + " are " + String.join(", ", ids.keySet().stream().sorted().toList()));
        }
        return id;
    }

    /** What stands around a text. */
    Tokenizer.Around around() {
        return inFront ? new Tokenizer.Around(1, 1) : new Tokenizer.Around(0, 2);
    }

    /** Ids of a text with what belongs around them. */
    int[] around(int[] text, int language, int end) {
        int[] all = new int[text.length + 2];
        System.arraycopy(text, 0, all, inFront ? 1 : 0, text.length);
        all[inFront ? 0 : text.length + 1] = language;
        all[inFront ? text.length + 1 : text.length] = end;
        return all;
    }
}
