package dev.gyre.tokens;

import ai.djl.sentencepiece.SpTokenizer;
import dev.gyre.weights.ModelFormatException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The tokenizer of OPUS-MT: {@code source.spm} cuts text into pieces, {@code vocab.json} numbers them, {@code </s>}
 * ends the source. A language code in front of the text ({@code >>deu<<}) is one token. Ids are those of Hugging
 * Face's MarianTokenizer.
 *
 * <p>Native code is behind it, and nothing is documented about its safety for many threads: a lock lets one thread in
 * at a time. Cutting a sentence takes microseconds.
 */
public final class SentencePieceTokenizer implements Tokenizer {

    private static final String SPACE = "\u2581";

    private final SpTokenizer source;
    private final SpTokenizer target;
    private final Vocabulary sourceVocabulary;
    private final Vocabulary targetVocabulary;
    private final List<String> special;
    private final Set<String> skipped;
    private final ReentrantLock lock = new ReentrantLock();
    private boolean closed;

    private SentencePieceTokenizer(
            SpTokenizer source,
            SpTokenizer target,
            Vocabulary sourceVocabulary,
            Vocabulary targetVocabulary,
            List<String> special) {
        this.source = source;
        this.target = target;
        this.sourceVocabulary = sourceVocabulary;
        this.targetVocabulary = targetVocabulary;
        this.special = special;
        this.skipped = new HashSet<>(special);
    }

    /** Whether a folder has the files of this layout. */
    public static boolean isIn(Path folder) {
        return Files.exists(folder.resolve("source.spm")) || Files.exists(folder.resolve("target.spm"));
    }

    /**
     * Opens {@code source.spm}, {@code target.spm}, {@code vocab.json} and, where there is one,
     * {@code target_vocab.json}.
     *
     * @param sourceSize ids of the source side of the model
     * @param targetSize ids of the target side
     */
    public static SentencePieceTokenizer open(Path folder, int sourceSize, int targetSize) {
        for (String name : List.of("source.spm", "target.spm", "vocab.json")) {
            if (!Files.isRegularFile(folder.resolve(name))) {
                throw new ModelFormatException("there is no file " + folder.resolve(name)
                        + "; an OPUS-MT tokenizer is source.spm, target.spm and vocab.json");
            }
        }
        Vocabulary sourceVocabulary = Vocabulary.ofMap(folder.resolve("vocab.json"), sourceSize, "<unk>");
        Path separate = folder.resolve("target_vocab.json");
        Vocabulary targetVocabulary =
                Files.exists(separate) ? Vocabulary.ofMap(separate, targetSize, "<unk>") : sourceVocabulary;
        List<String> special = new ArrayList<>();
        for (String token : List.of("</s>", "<unk>", "<pad>")) {
            if (sourceVocabulary.find(token).isPresent()) {
                special.add(token);
            } else if (!token.equals("<pad>")) {
                throw new ModelFormatException(
                        sourceVocabulary.origin() + " has no token " + token + "; an OPUS-MT vocabulary has one");
            }
        }
        SpTokenizer source = load(folder.resolve("source.spm"));
        try {
            return new SentencePieceTokenizer(
                    source, load(folder.resolve("target.spm")), sourceVocabulary, targetVocabulary, special);
        } catch (RuntimeException e) {
            source.close();
            throw e;
        }
    }

    private static SpTokenizer load(Path file) {
        NativeLibrary.SENTENCE_PIECE.require(file.toString());
        try {
            return new SpTokenizer(file);
        } catch (IOException | RuntimeException e) {
            throw new ModelFormatException(file + " is not a SentencePiece model: " + reason(e), e);
        }
    }

    private static String reason(Throwable e) {
        Throwable cause = e;
        while (cause.getMessage() == null && cause.getCause() != null) {
            cause = cause.getCause();
        }
        return String.valueOf(cause.getMessage()).lines().findFirst().orElse("unreadable");
    }

    /** Surrogates without their other half, which UTF-8 does not have, as U+FFFD. */
    static String wellFormed(String text) {
        StringBuilder repaired = null;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (Character.isHighSurrogate(c) && i + 1 < text.length() && Character.isLowSurrogate(text.charAt(i + 1))) {
                i++;
            } else if (Character.isSurrogate(c)) {
                repaired = repaired == null ? new StringBuilder(text) : repaired;
                repaired.setCharAt(i, '\uFFFD');
            }
        }
        return repaired == null ? text : repaired.toString();
    }

    @Override
    public int[] encode(String text) {
        return encode(text, source, sourceVocabulary);
    }

    /** The end token. */
    @Override
    public Around around() {
        return new Around(0, 1);
    }

    @Override
    public int[] encodeTarget(String text) {
        return encode(text, target, targetVocabulary);
    }

    private int[] encode(String text, SpTokenizer pieces, Vocabulary vocabulary) {
        lock.lock();
        try {
            requireOpen();
            List<Integer> ids = new ArrayList<>();
            for (String part : parts(wellFormed(text))) {
                if (special.contains(part)) {
                    ids.add(vocabulary.id(part));
                } else {
                    pieces(part, pieces, vocabulary, ids);
                }
            }
            ids.add(vocabulary.id(special.getFirst()));
            return ids.stream().mapToInt(Integer::intValue).toArray();
        } finally {
            lock.unlock();
        }
    }

    /** Special tokens that are written out in the text stand for themselves. */
    private List<String> parts(String text) {
        List<String> parts = new ArrayList<>();
        int from = 0;
        for (int at = 0; at < text.length(); ) {
            String found = specialAt(text, at);
            if (found == null) {
                at++;
                continue;
            }
            if (at > from) {
                parts.add(text.substring(from, at));
            }
            parts.add(found);
            at += found.length();
            from = at;
        }
        if (from < text.length()) {
            parts.add(text.substring(from));
        }
        return parts;
    }

    private @Nullable String specialAt(String text, int at) {
        if (text.charAt(at) == '<') {
            for (String token : special) {
                if (text.startsWith(token, at)) {
                    return token;
                }
            }
        }
        return null;
    }

    private static void pieces(String text, SpTokenizer pieces, Vocabulary vocabulary, List<Integer> ids) {
        int codeEnd = text.startsWith(">>") ? text.indexOf("<<") : -1;
        if (codeEnd >= 0) {
            ids.add(vocabulary.id(text.substring(0, codeEnd + 2)));
            text = text.substring(codeEnd + 2);
        }
        for (String piece : pieces.tokenize(text)) {
            ids.add(vocabulary.id(piece));
        }
    }

    @Override
    public String decode(int[] ids) {
        List<String> pieces = Arrays.stream(ids)
                .mapToObj(targetVocabulary::token)
                .filter(t -> !skipped.contains(t))
                .toList();
        if (pieces.isEmpty()) {
            return "";
        }
        lock.lock();
        try {
            requireOpen();
            return target.buildSentence(pieces).replace(SPACE, " ").strip();
        } finally {
            lock.unlock();
        }
    }

    @Override
    public int[] sourceIds(List<String> tokens) {
        return sourceVocabulary.ids(tokens);
    }

    @Override
    public int[] targetIds(List<String> tokens) {
        return targetVocabulary.ids(tokens);
    }

    @Override
    public List<String> sourceTokens(int[] ids) {
        return Arrays.stream(ids).mapToObj(sourceVocabulary::token).toList();
    }

    @Override
    public List<String> targetTokens(int[] ids) {
        return Arrays.stream(ids).mapToObj(targetVocabulary::token).toList();
    }

    @Override
    public boolean isSpecial(int id) {
        return skipped.contains(targetVocabulary.token(id))
                && targetVocabulary.unknownId().orElse(-1) != id;
    }

    /** The target's token for what is in no vocabulary. */
    public OptionalInt unknownId() {
        return targetVocabulary.unknownId();
    }

    @Override
    public void close() {
        lock.lock();
        try {
            if (!closed) {
                closed = true;
                source.close();
                target.close();
            }
        } finally {
            lock.unlock();
        }
    }

    private void requireOpen() {
        if (closed) {
            throw new IllegalStateException("the tokenizer is closed");
        }
    }
}
