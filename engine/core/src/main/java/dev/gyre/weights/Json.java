package dev.gyre.weights;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** JSON files of models: strict about syntax and duplicate names, one line about what is wrong. */
public final class Json {

    /** Larger than any configuration or vocabulary; a file beyond it is refused unread. */
    private static final long MAX_BYTES = 256L << 20;

    private static final JsonMapper MAPPER = JsonMapper.builder()
            .enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .disable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS)
            .build();

    static {
        MAPPER.getFactory()
                .setStreamReadConstraints(StreamReadConstraints.builder()
                        .maxNestingDepth(64)
                        .maxNameLength(1 << 16)
                        .maxStringLength(1 << 24)
                        .build());
    }

    private Json() {}

    /** The value in a file. */
    public static JsonNode read(Path file) {
        try {
            long size = Files.size(file);
            if (size > MAX_BYTES) {
                throw new ModelFormatException(file + " has " + size + " bytes; at most " + MAX_BYTES
                        + " are read of a JSON file, so this cannot be one of a model");
            }
            return parse(Files.readAllBytes(file), file.toString());
        } catch (IOException e) {
            throw ModelFormatException.unreadable(file, e);
        }
    }

    /** The object in a file. */
    public static ObjectNode readObject(Path file) {
        return object(read(file), file.toString());
    }

    /** The object in bytes that {@code where} names in messages. */
    static ObjectNode parseObject(byte[] bytes, String where) {
        return object(parse(bytes, where), where);
    }

    /** A value as Java has it: a number, a boolean, a string, or a list or map of these. */
    public static Object plain(JsonNode node) {
        return MAPPER.convertValue(node, Object.class);
    }

    private static ObjectNode object(JsonNode node, String where) {
        if (node instanceof ObjectNode object) {
            return object;
        }
        throw new ModelFormatException(where + " must hold a JSON object { ... }, not "
                + node.getNodeType().name().toLowerCase(java.util.Locale.ROOT));
    }

    private static JsonNode parse(byte[] bytes, String where) {
        if (bytes.length == 0) {
            throw new ModelFormatException(where + " is empty; it must hold JSON. Download it again");
        }
        try {
            return MAPPER.readTree(bytes);
        } catch (JsonProcessingException e) {
            String place = e.getLocation() == null
                    ? ""
                    : " (line " + e.getLocation().getLineNr() + ", column "
                            + e.getLocation().getColumnNr() + ")";
            throw new ModelFormatException(
                    where + " is not valid JSON" + place + ": " + oneLine(e.getOriginalMessage()), e);
        } catch (IOException e) {
            throw new ModelFormatException(where + " is not valid JSON: " + oneLine(e.getMessage()), e);
        }
    }

    private static String oneLine(String message) {
        // The parser names its source in brackets, but may not show it.
        return message.lines().findFirst().orElse("unreadable").replaceAll(" \\(start marker at .*\\)$", "");
    }
}
