package dev.gyre.tokens;

import ai.djl.huggingface.tokenizers.Encoding;
import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.gyre.weights.ModelFormatException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A {@code tokenizer.json}, run by Hugging Face's own library. Normalisation, special tokens and what stands around a
 * text are as the file says; truncation and padding that the file asks for are not done. Chat templates are not applied.
 */
final class JsonTokenizer implements Tokenizer {

    private final HuggingFaceTokenizer tokenizer;
    private final int size;
    private final @Nullable Languages languages;
    private final int end;
    private final Map<Integer, String> tokens = new HashMap<>();
    private final Map<String, Integer> ids = new HashMap<>();
    private final Set<Integer> special = new HashSet<>();
    private final @Nullable Integer unknown;
    private final Around around;
    private final ReadWriteLock lock = new ReentrantReadWriteLock();
    private boolean closed;

    /**
     * @param origin the file, for messages
     * @param size ids of the model that reads and writes them
     * @param inFront where codes of languages stand, if there are any: see {@link Languages}
     * @param manyLanguages whether codes of languages mean something to the model
     */
    JsonTokenizer(String origin, ObjectNode root, int size, boolean manyLanguages, boolean inFront) {
        this.size = size;
        root.putNull("truncation");
        root.putNull("padding");
        Map<String, Integer> added = new LinkedHashMap<>();
        readVocabulary(root.path("model").path("vocab"));
        for (JsonNode token : root.path("added_tokens")) {
            String content = token.path("content").asText();
            int id = token.path("id").asInt(-1);
            put(content, id);
            added.put(content, id);
            if (token.path("special").asBoolean()) {
                special.add(id);
            }
        }
        languages = manyLanguages ? Languages.among(added, inFront).orElse(null) : null;
        if (languages != null) {
            special.addAll(languages.ids().values());
        }
        end = ids.getOrDefault("</s>", 2);
        JsonNode name = root.path("model").path("unk_token");
        unknown = name.isTextual() ? ids.get(name.textValue()) : ids.get("<unk>");
        NativeLibrary.TOKENIZERS.require(origin);
        try {
            tokenizer = HuggingFaceTokenizer.newInstance(
                    new ByteArrayInputStream(root.toString().getBytes(StandardCharsets.UTF_8)),
                    Map.of("truncation", "false", "padding", "false"));
            around = around(tokenizer);
        } catch (IOException | RuntimeException e) {
            throw new ModelFormatException(
                    origin + " is not a tokenizer that is understood: "
                            + String.valueOf(e.getMessage()).lines().findFirst().orElse("unreadable"),
                    e);
        }
    }

    /** An object of token to id (BPE, WordPiece), or an array of token and weight (Unigram). */
    private void readVocabulary(JsonNode vocabulary) {
        if (vocabulary.isObject()) {
            vocabulary.properties().forEach(e -> put(e.getKey(), e.getValue().asInt(-1)));
        } else {
            for (int i = 0; i < vocabulary.size(); i++) {
                put(vocabulary.get(i).path(0).asText(), i);
            }
        }
    }

    private void put(String token, int id) {
        tokens.put(id, token);
        ids.put(token, id);
    }

    @Override
    public int[] encode(String text) {
        if (languages != null) {
            throw new IllegalArgumentException(
                    "this model needs the language of a text: set the source language (--source-lang), one of "
                            + String.join(", ", languages().stream().sorted().toList()));
        }
        return open(() -> ids(tokenizer.encode(SentencePieceTokenizer.wellFormed(text), true, false)));
    }

    @Override
    public int[] encode(String text, String language) {
        int code = languageId(language);
        return Objects.requireNonNull(languages).around(plain(text), code, end);
    }

    @Override
    public int[] encodeTarget(String text) {
        return languages == null ? encode(text) : plain(text);
    }

    private int[] plain(String text) {
        return open(() -> ids(tokenizer.encode(SentencePieceTokenizer.wellFormed(text), false, false)));
    }

    @Override
    public Around around() {
        return languages == null ? around : languages.around();
    }

    /** What the file's rule puts around a text: the tokens that the library marks as no part of it. */
    private static Around around(HuggingFaceTokenizer tokenizer) {
        long[] mask = tokenizer.encode("a", true, false).getSpecialTokenMask();
        int front = 0;
        while (front < mask.length && mask[front] != 0) {
            front++;
        }
        int behind = 0;
        while (behind < mask.length - front && mask[mask.length - 1 - behind] != 0) {
            behind++;
        }
        return new Around(front, behind);
    }

    @Override
    public Pair encodePair(String first, String second, int limit) {
        String a = SentencePieceTokenizer.wellFormed(first);
        String b = SentencePieceTokenizer.wellFormed(second);
        return open(() -> {
            int textA = tokenizer.encode(a, false, false).getIds().length;
            Encoding whole = tokenizer.encode(a, b, true, false);
            return PairCut.to(limit, ids(whole), whole.getTypeIds(), whole.getSpecialTokenMask(), textA);
        });
    }

    private int[] ids(Encoding encoding) {
        int[] found =
                Arrays.stream(encoding.getIds()).mapToInt(Math::toIntExact).toArray();
        for (int id : found) {
            if (id >= size) {
                throw new UnknownTokenException("the tokenizer gives \"" + tokens.get(id) + "\" the id " + id
                        + "; the model has ids 0 to " + (size - 1));
            }
        }
        return found;
    }

    @Override
    public String decode(int[] list) {
        long[] plain = Arrays.stream(list)
                .filter(id -> !special.contains(id) && tokens.containsKey(id))
                .asLongStream()
                .toArray();
        return open(() -> plain.length == 0 ? "" : tokenizer.decode(plain, true));
    }

    @Override
    public int[] sourceIds(List<String> list) {
        return list.stream().mapToInt(this::id).toArray();
    }

    private int id(String token) {
        Integer id = ids.getOrDefault(token, unknown);
        if (id == null) {
            throw new UnknownTokenException(
                    "\"" + token + "\" is not in the vocabulary, which has no token for the unknown");
        }
        return id;
    }

    @Override
    public int[] targetIds(List<String> list) {
        return sourceIds(list);
    }

    @Override
    public List<String> targetTokens(int[] list) {
        return Arrays.stream(list)
                .mapToObj(id -> tokens.getOrDefault(id, "<" + id + ">"))
                .toList();
    }

    @Override
    public boolean isSpecial(int id) {
        // A word that is not known is text all the same.
        return special.contains(id) && !Objects.equals(unknown, id);
    }

    @Override
    public Set<String> languages() {
        return languages == null ? Set.of() : languages.ids().keySet();
    }

    @Override
    public boolean languageStarts() {
        return languages != null && !languages.inFront();
    }

    @Override
    public int languageId(String code) {
        return languages == null ? Tokenizer.super.languageId(code) : languages.id(code);
    }

    private <T> T open(Supplier<T> work) {
        lock.readLock().lock();
        try {
            if (closed) {
                throw new IllegalStateException("the tokenizer is closed");
            }
            return work.get();
        } finally {
            lock.readLock().unlock();
        }
    }

    @Override
    public void close() {
        lock.writeLock().lock();
        try {
            if (!closed) {
                closed = true;
                tokenizer.close();
            }
        } finally {
            lock.writeLock().unlock();
        }
    }
}
