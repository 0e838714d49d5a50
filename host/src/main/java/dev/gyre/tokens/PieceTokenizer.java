package dev.gyre.tokens;

import ai.djl.sentencepiece.SpTokenizer;
import dev.gyre.weights.ModelFormatException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A tokenizer that is one SentencePiece model ({@code spiece.model}, {@code sentencepiece.bpe.model},
 * {@code tokenizer.model}) with the numbers of its family.
 *
 * <p>Native code is behind it, and nothing is documented about its safety for many threads: a lock lets one thread in
 * at a time.
 */
final class PieceTokenizer implements Tokenizer {

    private static final String SPACE = "\u2581";

    /** How models with byte fallback write a byte. */
    private static final Pattern BYTE = Pattern.compile("<0x([0-9A-F]{2})>");

    private final SpTokenizer model;
    private final PieceLayout layout;
    private final int size;
    private final Map<Integer, String> tokens = new HashMap<>();
    private final Map<String, Integer> ids = new HashMap<>();
    private final SpecialParts parts;
    private final ReentrantLock lock = new ReentrantLock();
    private boolean closed;

    /** @param size ids of the model that reads and writes them */
    PieceTokenizer(Path file, List<String> pieces, PieceLayout layout, int size) {
        this.layout = layout;
        this.size = size;
        for (int i = 0; i < pieces.size(); i++) {
            int id = layout.idOfPiece()[i];
            if (id != layout.unknown()) {
                tokens.putIfAbsent(id, pieces.get(i));
                ids.putIfAbsent(pieces.get(i), id);
            }
        }
        layout.special().forEach((token, id) -> {
            tokens.put(id, token);
            ids.put(token, id);
        });
        parts = new SpecialParts(layout.special().keySet());
        NativeLibrary.SENTENCE_PIECE.require(file.toString());
        try {
            model = new SpTokenizer(file);
        } catch (IOException | RuntimeException e) {
            throw new ModelFormatException(
                    file + " is not a SentencePiece model: "
                            + String.valueOf(e.getMessage()).lines().findFirst().orElse("unreadable"),
                    e);
        }
    }

    @Override
    public int[] encode(String text) {
        if (layout.languages() != null) {
            throw new IllegalArgumentException(
                    "this model needs the language of a text: set the source language (--source-lang), one of "
                            + String.join(", ", languages().stream().sorted().toList()));
        }
        List<Integer> all = new ArrayList<>(layout.front());
        cut(text, all);
        all.addAll(layout.behind());
        return checked(all);
    }

    @Override
    public int[] encode(String text, String language) {
        int code = languageId(language);
        List<Integer> all = new ArrayList<>();
        cut(text, all);
        return Objects.requireNonNull(layout.languages()).around(checked(all), code, layout.end());
    }

    @Override
    public int[] encodeTarget(String text) {
        if (layout.languages() == null) {
            return encode(text);
        }
        List<Integer> plain = new ArrayList<>();
        cut(text, plain);
        return checked(plain);
    }

    @Override
    public Around around() {
        return layout.languages() == null
                ? new Around(layout.front().size(), layout.behind().size())
                : layout.languages().around();
    }

    private void cut(String text, List<Integer> to) {
        lock.lock();
        try {
            requireOpen();
            for (String part : parts.of(SentencePieceTokenizer.wellFormed(text))) {
                Integer special = layout.special().get(part);
                if (special != null) {
                    to.add(special);
                } else {
                    for (int piece : model.getProcessor().encode(part)) {
                        to.add(layout.idOfPiece()[piece]);
                    }
                }
            }
        } finally {
            lock.unlock();
        }
    }

    private int[] checked(List<Integer> all) {
        int[] checked = all.stream().mapToInt(Integer::intValue).toArray();
        for (int id : checked) {
            if (id >= size) {
                throw new UnknownTokenException("the tokenizer gives \"" + tokens.get(id) + "\" the id " + id
                        + "; the model has ids 0 to " + (size - 1));
            }
        }
        return checked;
    }

    /** Pieces are joined here: the library loses characters outside of the first plane when it does. */
    @Override
    public String decode(int[] list) {
        ByteArrayOutputStream text = new ByteArrayOutputStream();
        for (int id : list) {
            String piece = tokens.get(id);
            if (piece == null || layout.special().containsKey(piece)) {
                continue;
            }
            Matcher oneByte = BYTE.matcher(piece);
            if (oneByte.matches()) {
                text.write(Integer.parseInt(oneByte.group(1), 16));
            } else {
                text.writeBytes(piece.replace(SPACE, " ").getBytes(StandardCharsets.UTF_8));
            }
        }
        String all = text.toString(StandardCharsets.UTF_8);
        // The blank that is put in front of every text.
        return all.startsWith(" ") ? all.substring(1) : all;
    }

    @Override
    public int[] sourceIds(List<String> list) {
        return list.stream()
                .mapToInt(t -> ids.getOrDefault(t, layout.unknown()))
                .toArray();
    }

    @Override
    public int[] targetIds(List<String> list) {
        return sourceIds(list);
    }

    @Override
    public List<String> targetTokens(int[] list) {
        return Arrays.stream(list)
                .mapToObj(id -> tokens.getOrDefault(id, "<unk>"))
                .toList();
    }

    @Override
    public boolean isSpecial(int id) {
        // A piece that is not known is text all the same.
        return layout.special().containsValue(id) && id != layout.unknown();
    }

    @Override
    public Set<String> languages() {
        return layout.languages() == null ? Set.of() : layout.languages().ids().keySet();
    }

    @Override
    public boolean languageStarts() {
        return layout.languages() != null && !layout.languages().inFront();
    }

    @Override
    public int languageId(String code) {
        Languages languages = layout.languages();
        return languages == null ? Tokenizer.super.languageId(code) : languages.id(code);
    }

    @Override
    public void close() {
        lock.lock();
        try {
            if (!closed) {
                closed = true;
                model.close();
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
