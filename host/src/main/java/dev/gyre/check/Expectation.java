package dev.gyre.check;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.gyre.weights.Json;
import dev.gyre.weights.ModelFormatException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What {@code generate()} returned: {@code expected.json}. */
record Expectation(String kind, List<OptionSet> generate) {

    private static final ObjectMapper JSON = new ObjectMapper();

    /** One call: its arguments, the sequences of all rows, and their scores where there were beams. */
    record OptionSet(Map<String, Object> options, int[][] sequences, double @Nullable [] scores) {}

    static Expectation read(Path file, List<String> problems) {
        JsonNode root = Json.readObject(file);
        unknown(root, Set.of("kind", "generate"), file.getFileName().toString(), problems);
        List<OptionSet> sets = new ArrayList<>();
        try {
            for (JsonNode set : root.path("generate")) {
                unknown(set, Set.of("options", "sequences", "scores"), "an option set", problems);
                JsonNode scores = set.path("scores");
                sets.add(new OptionSet(
                        options(set.path("options")),
                        JSON.treeToValue(set.path("sequences"), int[][].class),
                        scores.isArray() ? JSON.treeToValue(scores, double[].class) : null));
            }
        } catch (JsonProcessingException | IllegalArgumentException e) {
            throw new ModelFormatException(
                    file + ": "
                            + String.valueOf(e.getMessage()).lines().findFirst().orElse("not as it must be"),
                    e);
        }
        return new Expectation(root.path("kind").asText(""), List.copyOf(sets));
    }

    @SuppressWarnings("unchecked")
    private static Map<String, Object> options(JsonNode node) throws JsonProcessingException {
        return node.isObject() ? JSON.treeToValue(node, Map.class) : Map.of();
    }

    private static void unknown(JsonNode node, Set<String> known, String where, List<String> problems) {
        node.properties().forEach(e -> {
            if (!known.contains(e.getKey())) {
                problems.add(where + ": field \"" + e.getKey() + "\" is not known");
            }
        });
    }
}
