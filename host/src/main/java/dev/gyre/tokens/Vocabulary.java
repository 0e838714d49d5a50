package dev.gyre.tokens;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.gyre.weights.Json;
import dev.gyre.weights.ModelFormatException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/** Tokens by id and ids by token. */
public final class Vocabulary {

    private final String origin;
    private final Map<String, Integer> ids;
    private final String[] tokens;
    private final Optional<String> unknown;

    private Vocabulary(String origin, Map<String, Integer> ids, String[] tokens, Optional<String> unknown) {
        this.origin = origin;
        this.ids = ids;
        this.tokens = tokens;
        this.unknown = unknown;
    }

    /**
     * A JSON object of token to id, as {@code vocab.json} of OPUS-MT.
     *
     * @param size ids of the model: every id must be below
     */
    public static Vocabulary ofMap(Path file, int size, String unknown) {
        ObjectNode map = Json.readObject(file);
        Map<String, Integer> ids = HashMap.newHashMap(map.size());
        String[] tokens = new String[size];
        for (Map.Entry<String, JsonNode> entry : map.properties()) {
            JsonNode id = entry.getValue();
            if (!id.isIntegralNumber() || !id.canConvertToInt() || id.intValue() < 0 || id.intValue() >= size) {
                throw new ModelFormatException(file + ": token \"" + entry.getKey() + "\" has id " + id
                        + "; the model has ids 0 to " + (size - 1));
            }
            if (tokens[id.intValue()] != null) {
                throw new ModelFormatException(file + ": tokens \"" + tokens[id.intValue()] + "\" and \""
                        + entry.getKey() + "\" have the same id " + id);
            }
            ids.put(entry.getKey(), id.intValue());
            tokens[id.intValue()] = entry.getKey();
        }
        return new Vocabulary(
                file.toString(), ids, tokens, ids.containsKey(unknown) ? Optional.of(unknown) : Optional.empty());
    }

    /**
     * The tokens in the order of their ids: a JSON array, or text with one token a line. The unknown token is appended
     * if it is not among them, as CTranslate2 does.
     */
    public static Vocabulary ofList(Path file, String unknown) {
        List<String> list = file.toString().endsWith(".json") ? jsonList(file) : lines(file);
        Map<String, Integer> ids = HashMap.newHashMap(list.size() + 1);
        for (int i = 0; i < list.size(); i++) {
            // Of tokens that come twice the first id counts, as in CTranslate2.
            ids.putIfAbsent(list.get(i), i);
        }
        if (ids.putIfAbsent(unknown, list.size()) == null) {
            list.add(unknown);
        }
        return new Vocabulary(file.toString(), ids, list.toArray(String[]::new), Optional.of(unknown));
    }

    private static List<String> jsonList(Path file) {
        JsonNode root = Json.read(file);
        if (!root.isArray()) {
            throw new ModelFormatException(file + " must hold a JSON array of tokens");
        }
        List<String> list = new ArrayList<>(root.size() + 1);
        for (JsonNode token : root) {
            if (!token.isTextual()) {
                throw new ModelFormatException(file + ": entry " + list.size() + " is " + token + ", not a string");
            }
            list.add(token.textValue());
        }
        return list;
    }

    private static List<String> lines(Path file) {
        String text;
        try {
            byte[] bytes = Files.readAllBytes(file);
            text = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
        } catch (IOException e) {
            throw ModelFormatException.unreadable(file, e);
        }
        // Only \n ends a line: vocabularies of characters hold \r, U+0085 and U+2028 as tokens.
        List<String> list = new ArrayList<>(List.of(text.split("\n", -1)));
        if (list.getLast().isEmpty()) {
            list.removeLast();
        }
        if (!list.isEmpty() && list.stream().allMatch(t -> t.endsWith("\r"))) {
            list.replaceAll(t -> t.substring(0, t.length() - 1));
        }
        return list;
    }

    /** The file, for messages. */
    public String origin() {
        return origin;
    }

    /** One more than the largest id. */
    public int size() {
        return tokens.length;
    }

    public OptionalInt find(String token) {
        Integer id = ids.get(token);
        return id == null ? OptionalInt.empty() : OptionalInt.of(id);
    }

    /** The token for what is not in the vocabulary. */
    public OptionalInt unknownId() {
        return unknown.map(this::find).orElse(OptionalInt.empty());
    }

    /**
     * The id of a token, or of the unknown token.
     *
     * @throws UnknownTokenException if there is neither
     */
    public int id(String token) {
        Integer id = ids.get(token);
        if (id != null) {
            return id;
        }
        return unknownId()
                .orElseThrow(() -> new UnknownTokenException("\"" + token + "\" is not in the vocabulary " + origin
                        + ", which has no token for the unknown"));
    }

    public int[] ids(List<String> list) {
        return list.stream().mapToInt(this::id).toArray();
    }

    /**
     * The token of an id.
     *
     * @throws IllegalArgumentException if no token has this id
     */
    public String token(int id) {
        if (id < 0 || id >= tokens.length || tokens[id] == null) {
            throw new IllegalArgumentException(
                    "no token of " + origin + " has the id " + id + "; ids go from 0 to " + (tokens.length - 1));
        }
        return tokens[id];
    }

    public Iterable<String> words() {
        return ids.keySet();
    }
}
